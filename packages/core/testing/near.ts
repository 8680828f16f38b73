import { beforeEach, expect } from 'vitest';

/** Clocks of two machines, the database's and this one, may differ so much. */
const skewMs = 1_000;

/**
 * Returns how to expect a time, or a length of time, that the database has worked out by its clock: it may be off by as
 * much as the running test has taken until then, and no more.
 */
export function nearInTest(): (actualMs: number, expectedMs: number) => void {
  let begunAt = performance.now();
  beforeEach(() => {
    begunAt = performance.now();
  });
  return (actualMs, expectedMs) => {
    const slackMs = performance.now() - begunAt + skewMs;
    expect(actualMs).toBeGreaterThanOrEqual(expectedMs - slackMs);
    expect(actualMs).toBeLessThanOrEqual(expectedMs + slackMs);
  };
}
