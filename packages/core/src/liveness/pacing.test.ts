import { expect, test, vi } from 'vitest';
import { defaultSettings } from '../base/settings.ts';
import { createLiveSupervisorCount, jittered, leaseMs, publishIntervalMs } from './pacing.ts';

test('L3: a small fleet publishes at the base interval', () => {
  expect(publishIntervalMs(defaultSettings, 0)).toBe(10_000);
  expect(publishIntervalMs(defaultSettings, 2_500)).toBe(10_000);
});

test('L3: a larger fleet’s interval is stretched so that all of it stays under the configured rate', () => {
  for (const fleet of [2_501, 10_000, 1_000_000]) {
    const intervalMs = publishIntervalMs(defaultSettings, fleet);
    // With full jitter the mean wait is half the interval.
    expect(fleet / (intervalMs / 2 / 1_000)).toBeLessThanOrEqual(defaultSettings.publishesPerSecond);
    expect(intervalMs).toBeGreaterThan(defaultSettings.publishIntervalMs);
  }
});

test('L3: the jitter is full: from at once to the whole interval, and never 0', () => {
  expect(jittered(10_000, () => 0)).toBe(1);
  expect(jittered(10_000, () => 0.5)).toBe(5_000);
  expect(jittered(10_000, () => 1 - Number.EPSILON)).toBe(10_000);
});

test('L3: the lease is at least 5 minutes and at least 3 intervals', () => {
  expect(leaseMs(defaultSettings, 10_000)).toBe(300_000);
  expect(leaseMs(defaultSettings, 100_000)).toBe(300_000);
  expect(leaseMs(defaultSettings, 100_001)).toBe(300_003);
  expect(leaseMs({ ...defaultSettings, leaseSeconds: 10 }, 10_000)).toBe(30_000);
});

test('L3: where the fleet can’t be counted, the count before serves, and the next caller counts again', async () => {
  vi.useFakeTimers();
  try {
    const answers: (number | Error)[] = [new Error('first'), 7, new Error('later'), 8];
    const query = async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return [{ count: answer }];
    };
    const db = { sql: { query }, runAs: (_work: unknown, run: () => unknown) => run() };
    const { count } = createLiveSupervisorCount(db as never, () => 0);
    await expect(count()).rejects.toThrow('first');
    expect(await Promise.all([count(), count()])).toEqual([7, 7]);
    vi.advanceTimersByTime(10_001);
    expect(await count()).toBe(7);
    expect(await count()).toBe(8);
  } finally {
    vi.useRealTimers();
  }
});
