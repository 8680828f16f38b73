import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { ways } from './ways.ts';

describe('the options of wire', () => {
  it('are all ways, 1,000 supervisors with 10 plugins, and 32 connections, where none is given', () => {
    expect(readOptions([])).toEqual({
      rounds: 3,
      seconds: 3,
      warmUpSeconds: 2,
      connections: 32,
      sizes: [1_000],
      plugins: 10,
      ways,
    });
  });

  it.each([
    [['--seconds', '0'], '--seconds: expected a whole number from 1 to 600; got "0"'],
    [['--supervisors', '10'], '--connections: expected a whole number from 1 to 10; got "32"'],
    [['--only', 'soap'], '--only: expected some of graphql, rest, grpc; got "soap"'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuse %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
