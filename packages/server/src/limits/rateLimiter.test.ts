import type { Viewer } from '@muster/core';
import { expect, test } from 'vitest';
import { createRateLimiter } from './rateLimiter.ts';

const viewer = (id: string): Viewer => ({
  subject: id,
  role: 'VIEWER',
  domainId: 'd',
  credential: { id, keyId: null, expiresAtMs: null },
});

function refusalOf(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}

test('a viewer may burst for two seconds’ worth, then as fast as the bucket fills, whatever others do', () => {
  let nowMs = 0;
  const limiter = createRateLimiter({ perSecond: 10, now: () => nowMs });
  for (let i = 0; i < 20; i++) limiter.consume(viewer('a'));
  expect(refusalOf(() => limiter.consume(viewer('a')))).toMatchObject({
    code: 'RATE_LIMITED',
    message: 'expected at most 10 requests a second for one credential',
    details: { retryAfterMs: 100 },
  });
  limiter.consume(viewer('b'));
  nowMs = 50;
  expect(refusalOf(() => limiter.consume(viewer('a')))).toMatchObject({ details: { retryAfterMs: 50 } });
  nowMs = 100;
  limiter.consume(viewer('a'));
  expect(refusalOf(() => limiter.consume(viewer('a')))).not.toBeNull();
  nowMs = 60_000;
  for (let i = 0; i < 20; i++) limiter.consume(viewer('a'));
  expect(refusalOf(() => limiter.consume(viewer('a')))).not.toBeNull();
});

test('many viewers leave nothing behind but their unfilled buckets', () => {
  let nowMs = 0;
  const limiter = createRateLimiter({ perSecond: 1_000, now: () => nowMs });
  for (let i = 0; i < 120_000; i++) {
    nowMs += 1;
    limiter.consume(viewer(`viewer-${i}`));
  }
  // One that took much is still remembered after the sweep of the others.
  for (let i = 0; i < 2_000; i++) limiter.consume(viewer('busy'));
  expect(refusalOf(() => limiter.consume(viewer('busy')))).toMatchObject({ code: 'RATE_LIMITED' });
});

test('a charge may leave a bucket owing tokens, and nothing can be consumed until time has refilled it', () => {
  let nowMs = 0;
  const limiter = createRateLimiter({ perSecond: 10, now: () => nowMs });
  limiter.consume(viewer('a'));
  limiter.charge(viewer('a'), 100);
  // 19 were left.
  expect(refusalOf(() => limiter.consume(viewer('a')))).toMatchObject({
    code: 'RATE_LIMITED',
    details: { retryAfterMs: 8_200 },
  });
  limiter.consume(viewer('b'));
  nowMs = 8_199;
  expect(refusalOf(() => limiter.consume(viewer('a')))).not.toBeNull();
  nowMs = 8_200;
  limiter.consume(viewer('a'));
});
