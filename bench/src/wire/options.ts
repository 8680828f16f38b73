import { parseArgs } from 'node:util';
import { BenchError } from '../benchError.ts';
import { wholeNumber } from '../wholeNumber.ts';
import { type Way, ways } from './ways.ts';

export interface WireOptions {
  readonly rounds: number;
  /** How long each way is measured in a round, with each workload. */
  readonly seconds: number;
  /** How long it is asked before, so that its code is compiled by then. */
  readonly warmUpSeconds: number;
  readonly connections: number;
  readonly supervisors: number;
  /** In every report. */
  readonly plugins: number;
  readonly ways: readonly Way[];
  /** Whether the results go into the repository's file too. */
  readonly write: boolean;
}

export const usage = `npx -y pnpm@12 bench wire [options]
  --rounds 3               how often each way is measured; the ways alternate
  --seconds 3              how long in a round, with each workload
  --warm-up 2              how many seconds it is asked before each measurement
  --connections 32         how many ask at a time
  --supervisors 1000       how many there are
  --plugins 10             how many each of them reports
  --only grpc,rest         only these ways: ${ways.map(({ name }) => name).join(', ')}
  --write                  update bench/RESULTS-wire.md as well`;

/** @throws BenchError that names the option, what was expected and what came. */
export function readOptions(args: string[]): WireOptions {
  const values = parse(args);
  const supervisors = wholeNumber('--supervisors', values.supervisors, 100_000);
  return {
    rounds: wholeNumber('--rounds', values.rounds, 100),
    seconds: wholeNumber('--seconds', values.seconds, 600),
    warmUpSeconds: wholeNumber('--warm-up', values['warm-up'], 600),
    // No supervisor may be in two reports at a time: the second would wait for the first.
    connections: wholeNumber('--connections', values.connections, Math.min(supervisors, 1_000)),
    supervisors,
    plugins: wholeNumber('--plugins', values.plugins, 1_000),
    ways: values.only === undefined ? ways : values.only.split(',').map(wayCalled),
    write: values.write,
  };
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '3' },
        'warm-up': { type: 'string', default: '2' },
        connections: { type: 'string', default: '32' },
        supervisors: { type: 'string', default: '1000' },
        plugins: { type: 'string', default: '10' },
        only: { type: 'string' },
        write: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function wayCalled(text: string): Way {
  const way = ways.find(({ name }) => name === text);
  if (way) return way;
  throw new BenchError(
    `--only: expected some of ${ways.map(({ name }) => name).join(', ')}; got ${JSON.stringify(text)}`,
  );
}
