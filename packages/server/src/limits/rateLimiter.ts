import { DomainError, type Viewer } from '@muster/core';
import { viewerKey } from './concurrencyLimit.ts';

/** A token bucket for each viewer: requests may come at a steady rate, and for a moment faster. */
export interface RequestRate {
  /** @throws DomainError RATE_LIMITED, with `retryAfterMs`, where the viewer's bucket is empty */
  take(viewer: Viewer): void;
  /**
   * Takes `count` more for a request that was let in already. The bucket may come to owe them; until it has made up
   * for that, nothing can be taken.
   */
  spend(viewer: Viewer, count: number): void;
}

export interface RequestRateOptions {
  /** How fast a bucket fills; it holds as many as come in two seconds. */
  perSecond: number;
  /** Milliseconds that only go forward. */
  now: () => number;
}

/** Buckets that are full again say nothing, and are thrown away once there are so many. */
const mostBuckets = 50_000;
const burstSeconds = 2;

export function createRequestRate({ perSecond, now }: RequestRateOptions): RequestRate {
  const capacity = perSecond * burstSeconds;
  const buckets = new Map<string, { left: number; atMs: number }>();
  const leftIn = (bucket: { left: number; atMs: number }, atMs: number) =>
    Math.min(capacity, bucket.left + ((atMs - bucket.atMs) * perSecond) / 1_000);

  function sweep(atMs: number): void {
    for (const [key, bucket] of buckets) if (leftIn(bucket, atMs) >= capacity) buckets.delete(key);
  }

  function takeFrom(viewer: Viewer, count: number, refuse: (left: number) => void): void {
    const key = viewerKey(viewer);
    const atMs = now();
    const bucket = buckets.get(key);
    const left = bucket ? leftIn(bucket, atMs) : capacity;
    if (left < 1) refuse(left);
    if (bucket) {
      bucket.left = left - count;
      bucket.atMs = atMs;
    } else {
      if (buckets.size >= mostBuckets) sweep(atMs);
      buckets.set(key, { left: left - count, atMs });
    }
  }

  return {
    take: (viewer) =>
      takeFrom(viewer, 1, (left) => {
        const retryAfterMs = Math.ceil(((1 - left) * 1_000) / perSecond);
        const problem = `expected at most ${perSecond} requests a second for one credential`;
        throw new DomainError('RATE_LIMITED', problem, { retryAfterMs }, viewer.subject);
      }),
    spend: (viewer, count) => takeFrom(viewer, count, () => {}),
  };
}
