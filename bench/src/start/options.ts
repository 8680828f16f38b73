import { parseArgs } from 'node:util';
import { BenchError } from '../benchError.ts';
import { parseWholeNumber } from '../parseWholeNumber.ts';
import { type Way, ways } from './ways.ts';

/** The options of `bench start`. */
export interface StartOptions {
  /** How often each server is started; the servers alternate. */
  readonly rounds: number;
  /** Duration of the load, of each kind of read. */
  readonly seconds: number;
  /** Number of requests at the same time. */
  readonly connections: number;
  /** Number of supervisors in the database. */
  readonly supervisors: number;
  /** Number of plugins of each supervisor. */
  readonly plugins: number;
  readonly ways: readonly Way[];
}

const names = ways.map(({ name }) => name);

/** The text of `bench start --help`. */
export const usage = `npx -y pnpm@12 bench start [options]
  --rounds 5          how often each is started; the servers alternate
  --seconds 3         how long each is asked for reads, of each kind
  --connections 32    how many ask at a time
  --supervisors 1000  how many there are
  --plugins 10        how many each of them has
  --only ${names.slice(0, 2).join(',').padEnd(12)} only these servers: ${names.join(', ')}`;

/** @throws BenchError that names the option, the expected and the actual value */
export function readOptions(args: string[]): StartOptions {
  const values = parse(args);
  return {
    rounds: parseWholeNumber('--rounds', values.rounds, 100),
    seconds: parseWholeNumber('--seconds', values.seconds, 600),
    connections: parseWholeNumber('--connections', values.connections, 1_000),
    supervisors: parseWholeNumber('--supervisors', values.supervisors, 100_000),
    plugins: parseWholeNumber('--plugins', values.plugins, 20),
    ways: values.only === undefined ? ways : values.only.split(',').map(findWay),
  };
}

function findWay(text: string): Way {
  const way = ways.find(({ name }) => name === text);
  if (way) return way;
  throw new BenchError(`--only: expected some of ${names.join(', ')}; got ${JSON.stringify(text)}`);
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '3' },
        connections: { type: 'string', default: '32' },
        supervisors: { type: 'string', default: '1000' },
        plugins: { type: 'string', default: '10' },
        only: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
