import { describe, expect, test } from 'vitest';
import { BatchPace } from './batchPace.ts';

/** A pace whose clock stands still but for `pass`. */
function setUp() {
  let nowMs = 0;
  let timers: { atMs: number; callback: () => void }[] = [];
  const pace = new BatchPace({
    nowMs: () => nowMs,
    atTurnsEnd: (callback) => callback(),
    after: (ms, callback) => timers.push({ atMs: nowMs + ms, callback }),
  });
  const pass = (ms: number) => {
    nowMs += ms;
    const due = timers.filter(({ atMs }) => atMs <= nowMs);
    timers = timers.filter(({ atMs }) => atMs > nowMs);
    for (const { callback } of due) callback();
  };
  /** Reports that come one after another. */
  const come = (count: number, gapMs: number) => {
    for (let i = 0; i < count; i += 1) {
      pass(gapMs);
      pace.arrived();
    }
  };
  /** Asks for a batch: the milliseconds after which it started so far, or null. */
  const ask = (isReady = () => false) => {
    const askedAtMs = nowMs;
    const asked: { startedAfterMs: number | null } = { startedAfterMs: null };
    pace.defer(() => {
      asked.startedAfterMs = nowMs - askedAtMs;
      pace.started();
    }, isReady);
    return asked;
  };
  return { pace, pass, come, ask, timers: () => timers.length };
}

describe('a batch starts at once', () => {
  test('while reports come slowly, however soon after the last one, and sets no timer', () => {
    const { come, ask, timers } = setUp();
    for (let i = 0; i < 100; i += 1) {
      come(1, 2);
      expect(ask()).toEqual({ startedAfterMs: 0 });
    }
    expect(timers()).toBe(0);
  });

  test('where the last one started 5 ms ago', () => {
    const { come, ask } = setUp();
    come(1_000, 0.1);
    expect(ask()).toEqual({ startedAfterMs: 0 });
    come(50, 0.1);
    expect(ask()).toEqual({ startedAfterMs: 0 });
  });

  test('where nothing is gained by waiting', () => {
    const { come, ask, timers } = setUp();
    come(1_000, 0.1);
    ask();
    come(10, 0.1);
    expect(ask(() => true)).toEqual({ startedAfterMs: 0 });
    expect(timers()).toBe(0);
  });
});

describe('where reports come fast, a batch waits', () => {
  test('until the last one started 5 ms ago, or less than three reports are to be expected', () => {
    const { come, ask } = setUp();
    come(1_000, 0.125);
    ask();
    come(8, 0.125);
    const next = ask();
    come(16, 0.125);
    expect(next).toEqual({ startedAfterMs: null });
    come(16, 0.125);
    expect(next).toEqual({ startedAfterMs: 4 });
  });

  test('until a millisecond has brought no report', () => {
    const { come, pass, ask } = setUp();
    come(1_000, 0.125);
    ask();
    come(8, 0.125);
    const next = ask();
    come(4, 0.125);
    pass(0.5);
    expect(next).toEqual({ startedAfterMs: null });
    pass(1);
    expect(next).toEqual({ startedAfterMs: 2 });
  });

  test('until it is full', () => {
    const { come, ask } = setUp();
    come(1_000, 0.125);
    ask();
    come(8, 0.125);
    let isFull = false;
    const next = ask(() => isFull);
    come(8, 0.125);
    expect(next).toEqual({ startedAfterMs: null });
    isFull = true;
    come(8, 0.125);
    expect(next).toEqual({ startedAfterMs: 2 });
  });
});

test('a pause of many seconds says no more than that reports have become rare: soon after it, they come fast again', () => {
  const { come, pass, ask } = setUp();
  come(1_000, 0.125);
  pass(60_000);
  come(1, 0);
  expect(ask()).toEqual({ startedAfterMs: 0 });
  come(100, 0.125);
  ask();
  come(8, 0.125);
  expect(ask()).toEqual({ startedAfterMs: null });
});
