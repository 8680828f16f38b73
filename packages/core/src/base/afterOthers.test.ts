import { expect, test } from 'vitest';
import { afterOthers } from './afterOthers.ts';

/** Plays turns in which others are busy for these times. @returns how many turns were over when the callback came */
function turnsUntilCalled(...busyMs: readonly number[]): number | null {
  let nowMs = 0;
  let ends: (() => void)[] = [];
  let isCalled = false;
  afterOthers(
    () => {
      isCalled = true;
    },
    { now: () => nowMs, atTurnsEnd: (callback) => ends.push(callback) },
  );
  for (const [turns, ms] of [0, ...busyMs].entries()) {
    nowMs += ms;
    const due = ends;
    ends = [];
    for (const end of due) end();
    if (isCalled) return turns;
  }
  return null;
}

test('W3: long work goes on after a turn in which nobody else had anything to do', () => {
  expect(turnsUntilCalled(0.1, 5, 5)).toBe(1);
  expect(turnsUntilCalled(5, 0.1, 5)).toBe(2);
});

test('W3: long work leaves others the four turns that a request takes, and no more', () => {
  expect(turnsUntilCalled(1, 1, 1)).toBeNull();
  expect(turnsUntilCalled(1, 1, 1, 1)).toBe(4);
});
