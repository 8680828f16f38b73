import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { ways } from './ways.ts';

describe('the options of fanout', () => {
  it('have frames written by themselves only where there are several to join', () => {
    expect(readOptions(['--events', '2']).ways).toEqual(ways);
  });

  it('are all servers, at 2,000 and 10,000 subscribers, where none is given', () => {
    expect(readOptions([])).toEqual({
      subscribers: [2_000, 10_000],
      rounds: 3,
      batches: 40,
      eventsABatch: 1,
      ways: ways.filter(({ name }) => name !== 'write'),
    });
  });

  it('are what the command line says', () => {
    const options = readOptions(['--subscribers', '500,2000', '--rounds', '1', '--only', 'limit,peer']);
    expect(options).toMatchObject({ subscribers: [500, 2_000], rounds: 1 });
    expect(options.ways.map(({ name }) => name)).toEqual(['limit', 'peer']);
  });

  it.each([
    [['--subscribers', '0'], '--subscribers: expected a whole number from 1 to 200000; got "0"'],
    [['--rounds', 'many'], '--rounds: expected a whole number from 1 to 100; got "many"'],
    [['--only', 'apollo'], '--only: expected some of limit, write'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuse %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
