import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { ways } from './ways.ts';

describe('the options of reads', () => {
  it('are all servers, 1,000 and 100,000 supervisors with 10 plugins, and 32 connections, where none is given', () => {
    expect(readOptions([])).toEqual({
      rounds: 5,
      seconds: 2,
      warmUpSeconds: 1,
      connections: 32,
      sizes: [1_000, 100_000],
      plugins: 10,
      ways,
    });
  });

  it('are what the command line says', () => {
    const options = readOptions(['--rounds', '1', '--warm-up', '2', '--only', 'limit,apollo']);
    expect(options).toMatchObject({ rounds: 1, warmUpSeconds: 2 });
    expect(options.ways.map(({ name }) => name)).toEqual(['limit', 'apollo']);
  });

  it.each([
    [['--seconds', '0'], '--seconds: expected a whole number from 1 to 600; got "0"'],
    [['--plugins', '21'], '--plugins: expected a whole number from 1 to 20; got "21"'],
    [['--only', 'yoga'], '--only: expected some of limit, muster'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuse %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
