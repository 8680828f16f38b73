import { parseArgs } from 'node:util';
import { BenchError } from '../benchError.ts';
import { parseWholeNumber } from '../parseWholeNumber.ts';

/** The options of a bench that makes the same requests to several servers, or to one server in several ways. */
export interface LoadOptions<Way> {
  /** How often each way is measured; the ways alternate. */
  readonly rounds: number;
  /** Duration of a measurement, of each workload in each round. */
  readonly seconds: number;
  /** Duration of the load before each measurement, in which the server's code is compiled. */
  readonly warmUpSeconds: number;
  /** Number of requests at the same time. */
  readonly connections: number;
  /** Numbers of supervisors; everything is measured with each. */
  readonly sizes: readonly number[];
  /** Number of plugins of each supervisor. */
  readonly plugins: number;
  readonly ways: readonly Way[];
}

/** The options with one number of supervisors. */
export type SizedOptions<Way> = Omit<LoadOptions<Way>, 'sizes'> & { readonly supervisors: number };

/** Measures with each number of supervisors, one after the other. */
export async function forEachSize<Way, Result>(
  { sizes, ...options }: LoadOptions<Way>,
  measure: (options: SizedOptions<Way>) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const supervisors of sizes) results.push(await measure({ ...options, supervisors }));
  return results;
}

/** The defaults and limits of a bench's options. */
export interface LoadBench<Way> {
  /** The name on the command line. */
  readonly name: string;
  readonly ways: readonly Way[];
  /** The noun for the ways in the help text, such as `servers`. */
  readonly noun: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Default numbers of supervisors: `1000`, or several with commas. */
  readonly sizes: string;
  /** Maximum number of plugins of a supervisor. */
  readonly maxPlugins: number;
  /** Whether concurrent requests must be for different supervisors. */
  readonly oneAtATime: boolean;
}

/** Creates the command line of a bench: its help text, and the parser of its options. */
export function createLoadOptions<Way extends { readonly name: string }>(bench: LoadBench<Way>) {
  const names = bench.ways.map(({ name }) => name);
  const usage = `npx -y pnpm@12 bench ${bench.name} [options]
  --rounds ${String(bench.rounds).padEnd(15)} how often each is measured; the ${bench.noun} alternate
  --seconds ${String(bench.seconds).padEnd(14)} how long in a round, with each workload
  --warm-up ${String(bench.warmUpSeconds).padEnd(14)} how many seconds each is asked before each measurement
  --connections 32         how many ask at a time
  --supervisors ${bench.sizes.padEnd(10)} how many there are; all is measured with each number
  --plugins 10             how many each of them has
  --only ${names.slice(0, 2).join(',').padEnd(17)} only these ${bench.noun}: ${names.join(', ')}`;

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

  function findWay(text: string): Way {
    const way = bench.ways.find(({ name }) => name === text);
    if (way) return way;
    throw new BenchError(`--only: expected some of ${names.join(', ')}; got ${JSON.stringify(text)}`);
  }

  /** @throws BenchError that names the option, the expected and the actual value */
  function readOptions(args: string[]): LoadOptions<Way> {
    const values = parse(args);
    const sizes = values.supervisors.split(',').map((text) => parseWholeNumber('--supervisors', text, 100_000));
    const maxConnections = bench.oneAtATime ? Math.min(...sizes, 1_000) : 1_000;
    return {
      rounds: parseWholeNumber('--rounds', values.rounds, 100),
      seconds: parseWholeNumber('--seconds', values.seconds, 600),
      warmUpSeconds: parseWholeNumber('--warm-up', values['warm-up'], 600),
      connections: parseWholeNumber('--connections', values.connections, maxConnections),
      sizes,
      plugins: parseWholeNumber('--plugins', values.plugins, bench.maxPlugins),
      ways: values.only === undefined ? bench.ways : values.only.split(',').map(findWay),
    };
  }

  return { usage, readOptions };
}
