import { describe, expect, it } from 'vitest';
import { readOptions, smallerFleet } from './options.ts';

describe('the options of fleet', () => {
  it('are 10,000 supervisors with 20 plugins, every 10 s, where none is given', () => {
    expect(readOptions([])).toEqual({
      supervisors: 10_000,
      plugins: 20,
      intervalMs: 10_000,
      seconds: 30,
      changedPercent: 5,
      connections: 1_000,
      p99Ms: 250,
    });
  });

  it('may be that nothing changes', () => {
    expect(readOptions(['--changed', '0'])).toMatchObject({ changedPercent: 0 });
  });

  it.each([
    [['--supervisors', '0'], '--supervisors: expected a whole number from 1 to 200000; got "0"'],
    [['--changed', '101'], '--changed: expected a whole number from 0 to 100; got "101"'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuse %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('a smaller fleet', () => {
  it('has a fifth fewer supervisors, until there is none', () => {
    expect(smallerFleet(10_000)).toBe(8_000);
    expect(smallerFleet(1_050)).toBe(800);
    expect(smallerFleet(100)).toBeUndefined();
  });
});
