import { parseArgs } from 'node:util';
import { BenchError } from '../benchError.ts';
import { wholeNumber } from '../wholeNumber.ts';
import { type Way, ways } from './ways.ts';

export interface FanoutOptions {
  readonly subscribers: readonly number[];
  readonly rounds: number;
  /** How many times in a measured round events are caused. */
  readonly batches: number;
  /** How many events are caused at once, by one commit. */
  readonly eventsABatch: number;
  readonly ways: readonly Way[];
}

export const usage = `npx -y pnpm@12 bench fanout [options]
  --subscribers 2000,10000  how many there are; one table for each number
  --rounds 3                how often each server is measured; the servers alternate
  --batches 40              how many times in a round events are caused
  --events 1                how many events each time, by one commit
  --only limit,muster       only these servers: ${ways.map(({ name }) => name).join(', ')}`;

/** @throws BenchError that names the option, what was expected and what came. */
export function readOptions(args: string[]): FanoutOptions {
  const values = parse(args);
  // More would not fit one report of Muster's.
  const eventsABatch = wholeNumber('--events', values.events, 100);
  return {
    subscribers: values.subscribers.split(',').map((text) => wholeNumber('--subscribers', text, 200_000)),
    rounds: wholeNumber('--rounds', values.rounds, 100),
    batches: wholeNumber('--batches', values.batches, 10_000),
    eventsABatch,
    ways: values.only === undefined ? waysFor(eventsABatch) : values.only.split(',').map(wayCalled),
  };
}

/** One event alone is written by itself anyway. */
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

function wayCalled(text: string): Way {
  const way = ways.find(({ name }) => name === text);
  if (way) return way;
  throw new BenchError(
    `--only: expected some of ${ways.map(({ name }) => name).join(', ')}; got ${JSON.stringify(text)}`,
  );
}
