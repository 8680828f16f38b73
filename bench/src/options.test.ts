import { describe, expect, test } from 'vitest';
import { readOptions as readConsole } from './console/options.ts';
import { readOptions as readFanout } from './fanout/options.ts';
import { ways as fanoutWays } from './fanout/ways.ts';
import { readOptions as readFleet, smallerFleet } from './fleet/options.ts';
import { readOptions as readPublish } from './publish/options.ts';
import { ways as publishWays } from './publish/ways.ts';
import { readOptions as readReads } from './reads/options.ts';
import { ways as readsWays } from './reads/ways.ts';
import { readOptions as readStart } from './start/options.ts';
import { ways as startWays } from './start/ways.ts';
import { readOptions as readWire } from './wire/options.ts';
import { ways as wireWays } from './wire/ways.ts';

const load = { rounds: 3, seconds: 3, warmUpSeconds: 2, connections: 32, sizes: [1_000], plugins: 10 };

describe.each([
  {
    bench: 'publish',
    read: readPublish,
    defaults: { ...load, ways: publishWays },
    given: [
      [['--rounds', '1', '--warm-up', '4'], { rounds: 1, warmUpSeconds: 4 }],
      [['--only', 'limit,apollo'], { ways: [{ name: 'limit' }, { name: 'apollo' }] }],
    ],
    refused: [
      [['--seconds', '0'], '--seconds: expected a whole number from 1 to 600; got "0"'],
      [['--supervisors', '10'], '--connections: expected a whole number from 1 to 10; got "32"'],
      [['--only', 'yoga'], '--only: expected some of limit, muster'],
    ],
  },
  {
    bench: 'reads',
    read: readReads,
    defaults: { ...load, rounds: 5, seconds: 2, warmUpSeconds: 1, sizes: [1_000, 100_000], ways: readsWays },
    given: [
      [['--supervisors', '10,20'], { sizes: [10, 20], connections: 32 }],
      [['--only', 'limit,apollo'], { ways: [{ name: 'limit' }, { name: 'apollo' }] }],
    ],
    refused: [
      [['--plugins', '21'], '--plugins: expected a whole number from 1 to 20; got "21"'],
      [['--only', 'yoga'], '--only: expected some of limit, muster'],
    ],
  },
  {
    bench: 'wire',
    read: readWire,
    defaults: { ...load, ways: wireWays },
    given: [[['--only', 'grpc'], { ways: [{ name: 'grpc' }] }]],
    refused: [
      [['--supervisors', '10'], '--connections: expected a whole number from 1 to 10; got "32"'],
      [['--only', 'soap'], '--only: expected some of graphql, rest, grpc; got "soap"'],
    ],
  },
  {
    bench: 'fanout',
    read: readFanout,
    defaults: {
      subscribers: [2_000, 10_000],
      rounds: 3,
      batches: 40,
      eventsABatch: 1,
      // With one event a batch, frames can't be joined.
      ways: fanoutWays.filter(({ name }) => name !== 'write'),
    },
    given: [
      [['--events', '2'], { ways: fanoutWays }],
      [['--subscribers', '500,2000', '--rounds', '1'], { subscribers: [500, 2_000], rounds: 1 }],
      [['--only', 'limit,peer'], { ways: [{ name: 'limit' }, { name: 'peer' }] }],
    ],
    refused: [
      [['--subscribers', '0'], '--subscribers: expected a whole number from 1 to 200000; got "0"'],
      [['--rounds', 'many'], '--rounds: expected a whole number from 1 to 100; got "many"'],
      [['--only', 'apollo'], '--only: expected some of limit, write'],
    ],
  },
  {
    bench: 'start',
    read: readStart,
    defaults: { rounds: 5, seconds: 3, connections: 32, supervisors: 1_000, plugins: 10, ways: startWays },
    given: [
      [['--rounds', '1', '--seconds', '1'], { rounds: 1, seconds: 1 }],
      [['--only', 'embedded,mercurius'], { ways: [{ name: 'embedded' }, { name: 'mercurius' }] }],
    ],
    refused: [
      [['--plugins', '21'], '--plugins: expected a whole number from 1 to 20; got "21"'],
      [['--only', 'yoga'], '--only: expected some of limit, muster'],
    ],
  },
  {
    bench: 'fleet',
    read: readFleet,
    defaults: {
      supervisors: 10_000,
      plugins: 20,
      intervalMs: 10_000,
      seconds: 30,
      changedPercent: 5,
      connections: 1_000,
      p99Ms: 250,
    },
    given: [[['--changed', '0'], { changedPercent: 0 }]],
    refused: [
      [['--supervisors', '0'], '--supervisors: expected a whole number from 1 to 200000; got "0"'],
      [['--changed', '101'], '--changed: expected a whole number from 0 to 100; got "101"'],
    ],
  },
  {
    bench: 'console',
    read: readConsole,
    defaults: {
      sizes: [10_000, 100_000],
      plugins: 5,
      loads: 5,
      changes: 100,
      eventsASecond: 1_000,
      seconds: 10,
      minutes: 30,
    },
    given: [
      [['--supervisors', '500', '--events', '100'], { sizes: [500], eventsASecond: 100 }],
      [['--minutes', '5'], { minutes: 5 }],
    ],
    refused: [
      [['--supervisors', '49'], '--supervisors: expected a whole number from 50 to 1000000; got "49"'],
      [['--changes', '0'], '--changes: expected a whole number from 1 to 10000; got "0"'],
    ],
  },
] satisfies OptionsCase[])('the options of $bench', ({ read, defaults, given, refused }: OptionsCase) => {
  test('have defaults', () => {
    expect(read([])).toEqual(defaults);
  });

  test.each(given)('%j are read', (args, options) => {
    expect(read(args)).toMatchObject(options);
  });

  test.each([...refused, [['--fast'], "Unknown option '--fast'"] as const])('%j are refused', (args, message) => {
    expect(() => read([...args])).toThrow(message);
  });
});

test('a smaller fleet has a fifth fewer supervisors, until there is none', () => {
  expect(smallerFleet(10_000)).toBe(8_000);
  expect(smallerFleet(1_050)).toBe(800);
  expect(smallerFleet(100)).toBeUndefined();
});

interface OptionsCase {
  readonly bench: string;
  readonly read: (args: string[]) => object;
  readonly defaults: object;
  readonly given: [args: string[], options: object][];
  readonly refused: [args: string[], message: string][];
}
