import { describe, expect, it } from 'vitest';
import { retryDelayMs } from './retryDelay.ts';

describe('the wait after a failure', () => {
  it('is spread over a limit that doubles from 1 s to 30 s', () => {
    expect([0, 1, 4, 5, 1_000].map((failures) => retryDelayMs(failures, () => 1))).toEqual([
      1_000, 2_000, 16_000, 30_000, 30_000,
    ]);
    expect(retryDelayMs(5, () => 0.5)).toBe(15_000);
  });
});
