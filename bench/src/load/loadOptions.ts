import { parseArgs } from 'node:util';
import { BenchError } from '../benchError.ts';
import { wholeNumber } from '../wholeNumber.ts';

/** How a bench asks several servers, or one in several ways, for the same. */
export interface LoadOptions<Way> {
  /** How often each is measured; they alternate. */
  readonly rounds: number;
  /** How long each is measured in a round, with each workload. */
  readonly seconds: number;
  /** How long each is asked before, so that its code is compiled by then. */
  readonly warmUpSeconds: number;
  /** How many ask at a time. */
  readonly connections: number;
  /** How many supervisors there are: all is measured with each number of them. */
  readonly sizes: readonly number[];
  /** Of each supervisor. */
  readonly plugins: number;
  readonly ways: readonly Way[];
}

/** The same, with one number of supervisors. */
export type SizedOptions<Way> = Omit<LoadOptions<Way>, 'sizes'> & { readonly supervisors: number };

/** What is reported of each number of supervisors, one after the other. */
export async function forEachSize<Way, Result>(
  { sizes, ...options }: LoadOptions<Way>,
  measure: (options: SizedOptions<Way>) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const supervisors of sizes) results.push(await measure({ ...options, supervisors }));
  return results;
}

export interface LoadBench<Way> {
  /** What comes after `bench` on the command line. */
  readonly name: string;
  readonly ways: readonly Way[];
  /** What the ways are, in the plural: `servers`. */
  readonly called: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** How many supervisors there are: `1000`, or several numbers with commas. */
  readonly sizes: string;
  /** The most plugins that a supervisor may have. */
  readonly mostPlugins: number;
  /** Whether no supervisor may be asked about twice at a time. */
  readonly oneAtATime: boolean;
}

/** The options of such a bench: how people are told of them, and how they are read. */
export function loadOptions<Way extends { readonly name: string }>(bench: LoadBench<Way>) {
  const names = bench.ways.map(({ name }) => name);
  const usage = `npx -y pnpm@12 bench ${bench.name} [options]
  --rounds ${String(bench.rounds).padEnd(15)} how often each is measured; the ${bench.called} alternate
  --seconds ${String(bench.seconds).padEnd(14)} how long in a round, with each workload
  --warm-up ${String(bench.warmUpSeconds).padEnd(14)} how many seconds each is asked before each measurement
  --connections 32         how many ask at a time
  --supervisors ${bench.sizes.padEnd(10)} how many there are; all is measured with each number
  --plugins 10             how many each of them has
  --only ${names.slice(0, 2).join(',').padEnd(17)} only these ${bench.called}: ${names.join(', ')}`;

  function parse(args: string[]) {
    try {
      const { values } = parseArgs({
        args,
        options: {
          rounds: { type: 'string', default: String(bench.rounds) },
          seconds: { type: 'string', default: String(bench.seconds) },
          'warm-up': { type: 'string', default: String(bench.warmUpSeconds) },
          connections: { type: 'string', default: '32' },
          supervisors: { type: 'string', default: bench.sizes },
          plugins: { type: 'string', default: '10' },
          only: { type: 'string' },
        },
      });
      return values;
    } catch (error) {
      throw new BenchError(`${error instanceof Error ? error.message : error}\n${usage}`);
    }
  }

  function wayCalled(text: string): Way {
    const way = bench.ways.find(({ name }) => name === text);
    if (way) return way;
    throw new BenchError(`--only: expected some of ${names.join(', ')}; got ${JSON.stringify(text)}`);
  }

  /** @throws BenchError that names the option, what was expected and what came. */
  function readOptions(args: string[]): LoadOptions<Way> {
    const values = parse(args);
    const sizes = values.supervisors.split(',').map((text) => wholeNumber('--supervisors', text, 100_000));
    const mostConnections = bench.oneAtATime ? Math.min(...sizes, 1_000) : 1_000;
    return {
      rounds: wholeNumber('--rounds', values.rounds, 100),
      seconds: wholeNumber('--seconds', values.seconds, 600),
      warmUpSeconds: wholeNumber('--warm-up', values['warm-up'], 600),
      connections: wholeNumber('--connections', values.connections, mostConnections),
      sizes,
      plugins: wholeNumber('--plugins', values.plugins, bench.mostPlugins),
      ways: values.only === undefined ? bench.ways : values.only.split(',').map(wayCalled),
    };
  }

  return { usage, readOptions };
}
