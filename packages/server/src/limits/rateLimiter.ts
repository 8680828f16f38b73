import type { Viewer } from '@muster/core';
import { tooManyRequests } from '../errors/refusals.ts';

/** A token bucket for each credential: requests may come at a steady rate, and for a moment faster. */
export interface RateLimiter {
  /**
   * Takes a request's token from its viewer's bucket.
   *
   * @throws DomainError RATE_LIMITED, with `retryAfterMs`, where the bucket is empty
   */
  consume(viewer: Viewer): void;
  /**
   * Takes `count` more tokens for a request that was let in already. The bucket may come to owe them; until time has
   * refilled it, nothing can be consumed.
   */
  charge(viewer: Viewer, count: number): void;
}

/** The parameters of a rate limiter. */
export interface RateLimiterOptions {
  /** How many tokens a second a bucket gains; a full one holds the tokens of two seconds. */
  perSecond: number;
  /** Milliseconds that only go forward. */
  now: () => number;
}

interface Bucket {
  left: number;
  atMs: number;
}

/**
 * From this number of buckets on, full ones are dropped before another is added: a full bucket means the same as none.
 * The buckets are no cache whose least recently used entry may be dropped, since a credential whose bucket was dropped
 * would have all its tokens again.
 */
const sweepFrom = 50_000;
const burstSeconds = 2;

/** Makes a rate limiter whose buckets are all full. */
export function createRateLimiter({ perSecond, now }: RateLimiterOptions): RateLimiter {
  const capacity = perSecond * burstSeconds;
  const buckets = new Map<string, Bucket>();
  const leftIn = ({ left, atMs }: Bucket, nowMs: number) =>
    Math.min(capacity, left + ((nowMs - atMs) * perSecond) / 1_000);

  function sweep(nowMs: number): void {
    for (const [key, bucket] of buckets) if (leftIn(bucket, nowMs) >= capacity) buckets.delete(key);
  }

  /** Takes `count` tokens where `needed` are left, and else none. Returns how many were left before. */
  function take(viewer: Viewer, count: number, needed: number): number {
    const key = viewerKey(viewer);
    const nowMs = now();
    const bucket = buckets.get(key);
    const left = bucket ? leftIn(bucket, nowMs) : capacity;
    if (left < needed) return left;
    if (bucket) {
      bucket.left = left - count;
      bucket.atMs = nowMs;
    } else {
      if (buckets.size >= sweepFrom) sweep(nowMs);
      buckets.set(key, { left: left - count, atMs: nowMs });
    }
    return left;
  }

  return {
    consume: (viewer) => {
      const left = take(viewer, 1, 1);
      if (left < 1) throw tooManyRequests(perSecond, Math.ceil(((1 - left) * 1_000) / perSecond), viewer);
    },
    charge: (viewer, count) => void take(viewer, count, Number.NEGATIVE_INFINITY),
  };
}

/** The key under which a viewer is counted: its credential; all who need none count as one. */
export function viewerKey({ credential }: Viewer): string {
  return credential?.id ?? '';
}
