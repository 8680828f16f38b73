import type { Viewer } from '@muster/core';
import { describe, expect, test } from 'vitest';
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

const enough = 1_000_000_000;
const [a, b] = [viewer('a'), viewer('b')];

/** A rate limiter, and a clock that tests set. */
function limiterOf(rates: { requestsPerSecond?: number; pointsPerSecond?: number; pointsPerMinute?: number }) {
  const clock = { nowMs: 0 };
  const limiter = createRateLimiter({
    requestsPerSecond: enough,
    pointsPerSecond: enough,
    pointsPerMinute: enough,
    ...rates,
    now: () => clock.nowMs,
  });
  return { limiter, clock };
}

describe('requests', () => {
  test('a viewer may burst for two seconds’ worth, then as fast as the bucket fills, whatever others do', () => {
    const { limiter, clock } = limiterOf({ requestsPerSecond: 10 });
    for (let i = 0; i < 20; i++) limiter.consume(a);
    expect(refusalOf(() => limiter.consume(a))).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'expected at most 10 requests a second for one credential',
      details: { retryAfterMs: 100 },
    });
    limiter.consume(b);
    clock.nowMs = 50;
    expect(refusalOf(() => limiter.consume(a))).toMatchObject({ details: { retryAfterMs: 50 } });
    clock.nowMs = 100;
    limiter.consume(a);
    expect(refusalOf(() => limiter.consume(a))).not.toBeNull();
    clock.nowMs = 60_000;
    for (let i = 0; i < 20; i++) limiter.consume(a);
    expect(refusalOf(() => limiter.consume(a))).not.toBeNull();
  });

  test('many viewers leave nothing behind but their unfilled budgets', () => {
    const { limiter, clock } = limiterOf({ requestsPerSecond: 1_000 });
    for (let i = 0; i < 120_000; i++) {
      clock.nowMs += 1;
      limiter.consume(viewer(`viewer-${i}`));
    }
    // One that took much is still remembered after the sweep of the others.
    for (let i = 0; i < 2_000; i++) limiter.consume(viewer('busy'));
    expect(refusalOf(() => limiter.consume(viewer('busy')))).toMatchObject({ code: 'RATE_LIMITED' });
  });
});

describe('W6: points', () => {
  test('a request takes 50, and work may leave a budget owing points until a second’s worth has paid them back', () => {
    const { limiter, clock } = limiterOf({ pointsPerSecond: 1_000 });
    limiter.consume(a);
    limiter.charge(a, 449);
    limiter.consume(a);
    // It owes 49 now, and needs 1.
    expect(limiter.pointsInMs(a)).toBe(50);
    expect(refusalOf(() => limiter.consume(a))).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'expected at most 1000 points of work a second, and 1000000000 a minute, for one credential',
      details: { retryAfterMs: 50 },
    });
    limiter.consume(b);
    expect(limiter.pointsInMs(b)).toBe(0);
    clock.nowMs = 49;
    expect(refusalOf(() => limiter.consume(a))).not.toBeNull();
    clock.nowMs = 50;
    limiter.consume(a);
  });

  test('half a second’s worth can be saved, and no more', () => {
    const { limiter, clock } = limiterOf({ pointsPerSecond: 1_000 });
    clock.nowMs = 3_600_000;
    limiter.charge(a, 500);
    expect(limiter.pointsInMs(a)).toBe(1);
  });

  test('a minute has a budget, too, and the wait is the longer of the two', () => {
    const { limiter, clock } = limiterOf({ pointsPerSecond: 2_000, pointsPerMinute: 6_000 });
    for (let second = 0; second < 6; second++) {
      clock.nowMs = second * 1_000;
      limiter.charge(a, 1_000);
    }
    // 6,000 were taken, and 100 came back in each of the 5 seconds.
    expect(limiter.pointsInMs(a)).toBe(1);
    limiter.charge(a, 501);
    expect(limiter.pointsInMs(a)).toBe(251);
    limiter.charge(a, 600);
    expect(limiter.pointsInMs(a)).toBe(6_020);
    clock.nowMs = 5_000 + 6_020;
    expect(limiter.pointsInMs(a)).toBe(0);
    clock.nowMs += 60_000;
    limiter.charge(a, 5_999);
    expect(limiter.pointsInMs(a)).toBe(2_500);
  });

  test('thousands of agents that share a credential may publish at once; only the minute’s points count for them', () => {
    const { limiter } = limiterOf({ pointsPerSecond: 1_000, pointsPerMinute: 1_000_000 });
    const agents: Viewer = { ...a, role: 'SUPERVISOR' };
    for (let i = 0; i < 10_000; i++) {
      limiter.consume(agents);
      limiter.charge(agents, 50);
    }
    expect(refusalOf(() => limiter.consume(agents))).toMatchObject({ code: 'RATE_LIMITED' });
  });

  test('what cost more than a minute’s worth is paid back at the minute’s rate', () => {
    const { limiter } = limiterOf({ pointsPerSecond: 1_000, pointsPerMinute: 6_000 });
    limiter.charge(a, 12_000);
    expect(limiter.pointsInMs(a)).toBe(60_010);
  });
});
