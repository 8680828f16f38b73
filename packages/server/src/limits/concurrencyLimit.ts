import type { Viewer } from '@muster/core';
import { tooManyAtATime } from '../errors/refusals.ts';
import { viewerKey } from './rateLimiter.ts';

/** Counts what each credential has open at a time, so that none takes all that the server has. */
export interface ConcurrencyLimit {
  /**
   * Counts one more for the viewer's credential. Returns how to release it, which is idempotent.
   *
   * @throws DomainError RATE_LIMITED where the credential has as many as it may
   */
  acquire(viewer: Viewer): () => void;
}

/** @param things what is counted, in the plural, for the refusal: `connections` */
export function createConcurrencyLimit(things: string, limit: number): ConcurrencyLimit {
  const counts = new Map<string, number>();
  return {
    acquire: (viewer) => {
      const key = viewerKey(viewer);
      const count = counts.get(key) ?? 0;
      if (count >= limit) throw tooManyAtATime(limit, things, viewer);
      counts.set(key, count + 1);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        const left = (counts.get(key) ?? 1) - 1;
        if (left > 0) counts.set(key, left);
        else counts.delete(key);
      };
    },
  };
}
