import type { Viewer } from '@muster/core';
import { viewerKey } from '../limits/rateLimiter.ts';

/**
 * Bounds how many subscriptions of one credential start at a time: each holds a page of its snapshot or of its history
 * until its peer has read it (W9). The others wait for their turn.
 */
export interface Starts {
  /** Resolves when the start may begin, with how to end it. */
  begin(viewer: Viewer): Promise<() => void>;
}

/** @param limit starts of one credential at a time */
export function createStarts(limit: number): Starts {
  const underWay = new Map<string, { count: number; readonly waiting: (() => void)[] }>();

  return {
    begin: async (viewer) => {
      const key = viewerKey(viewer);
      const own = underWay.get(key) ?? { count: 0, waiting: [] };
      underWay.set(key, own);
      if (own.count < limit) own.count += 1;
      else await new Promise<void>((resolve) => own.waiting.push(resolve));
      return () => {
        const next = own.waiting.shift();
        // The next one takes the place.
        if (next) return next();
        own.count -= 1;
        if (own.count === 0) underWay.delete(key);
      };
    },
  };
}
