import { DomainError, type Viewer } from '@muster/core';
import { viewerKey } from './usage.ts';

/** A token bucket for each viewer: requests may come at a steady rate, and for a moment faster. */
export interface RequestRate {
  /** @throws DomainError RATE_LIMITED, with `retryAfterMs`, where the viewer's bucket is empty */
  take(viewer: Viewer): void;
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

  return {
    take: (viewer) => {
      const key = viewerKey(viewer);
      const atMs = now();
      const bucket = buckets.get(key);
      const left = bucket ? leftIn(bucket, atMs) : capacity;
      if (left < 1) {
        throw new DomainError('RATE_LIMITED', `expected at most ${perSecond} requests a second for one credential`, {
          retryAfterMs: Math.ceil(((1 - left) * 1_000) / perSecond),
        });
      }
      if (bucket) Object.assign(bucket, { left: left - 1, atMs });
      else {
        if (buckets.size >= mostBuckets) sweep(atMs);
        buckets.set(key, { left: left - 1, atMs });
      }
    },
  };
}
