import { expect, test } from 'vitest';
import { createGracePeriod } from './gracePeriod.ts';

test('W3: the grace period is one for all: what stops later has less of it', () => {
  let nowMs = 1_000;
  const period = createGracePeriod(() => nowMs);
  nowMs = 9_000;
  expect(period.leftMs).toBe(5_000);
  period.begin();
  expect(period.leftMs).toBe(5_000);
  nowMs += 3_000;
  expect(period.leftMs).toBe(2_000);
  nowMs += 3_000;
  expect(period.leftMs).toBe(0);
});
