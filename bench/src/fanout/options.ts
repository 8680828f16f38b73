import { parseArgs } from 'node:util';
import { BenchError } from '../benchError.ts';
import { parseWholeNumber } from '../parseWholeNumber.ts';
import { type Way, ways } from './ways.ts';

/** The options of `bench fanout`. */
export interface FanoutOptions {
  /** Numbers of subscribers; everything is measured with each. */
  readonly subscribers: readonly number[];
  /** How often each server is measured; the servers alternate. */
  readonly rounds: number;
  /** Number of measured batches in a round. */
  readonly batches: number;
  /** Number of events in a batch, which one commit causes. */
  readonly eventsABatch: number;
  readonly ways: readonly Way[];
}

/** The text of `bench fanout --help`. */
export const usage = `npx -y pnpm@12 bench fanout [options]
  --subscribers 2000,10000  how many there are; one table for each number
  --rounds 3                how often each server is measured; the servers alternate
  --batches 40              how many times in a round events are caused
  --events 1                how many events each time, by one commit
  --only limit,muster       only these servers: ${ways.map(({ name }) => name).join(', ')}`;

/** @throws BenchError that names the option, the expected and the actual value */
export function readOptions(args: string[]): FanoutOptions {
  const values = parse(args);
  // One report of Muster's holds at most 100 plugins.
  const eventsABatch = parseWholeNumber('--events', values.events, 100);
  return {
    subscribers: values.subscribers.split(',').map((text) => parseWholeNumber('--subscribers', text, 200_000)),
    rounds: parseWholeNumber('--rounds', values.rounds, 100),
    batches: parseWholeNumber('--batches', values.batches, 10_000),
    eventsABatch,
    ways: values.only === undefined ? waysFor(eventsABatch) : values.only.split(',').map(findWay),
  };
}

/** The servers to measure by default: with one event a batch, `write` does the same as `limit`. */
function waysFor(eventsABatch: number): readonly Way[] {
  return eventsABatch > 1 ? ways : ways.filter(({ name }) => name !== 'write');
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        subscribers: { type: 'string', default: '2000,10000' },
        rounds: { type: 'string', default: '3' },
        batches: { type: 'string', default: '40' },
        events: { type: 'string', default: '1' },
        only: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function findWay(text: string): Way {
  const way = ways.find(({ name }) => name === text);
  if (way) return way;
  throw new BenchError(
    `--only: expected some of ${ways.map(({ name }) => name).join(', ')}; got ${JSON.stringify(text)}`,
  );
}
