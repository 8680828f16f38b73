import { describe, expect, it } from 'vitest';
import { parseStat } from './procfs.ts';

describe("a process's stat", () => {
  it('is understood whatever the command is called', () => {
    const stat = '2190 (postgres: a) b) S 2185 2190 2190 0 -1 4194624 500 0 0 0 150 50 400 100 20 0 1 0 730 2 3 4';
    expect(parseStat(stat)).toEqual({ parent: 2185, ownSeconds: 2, endedChildrenSeconds: 5 });
  });

  it('is refused when it is none', () => {
    expect(() => parseStat('2190 (postgres) S')).toThrow("expected a process's stat; got 2190");
  });
});
