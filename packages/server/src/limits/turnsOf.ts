import { type Pacer, pointsPerMs, type Viewer } from '@muster/core';
import { viewerKey } from './rateLimiter.ts';

/** Asks for a turn between two parts of long work; undefined where it may go on at once. */
export type TakeTurn = () => Promise<void> | undefined;

/** The turns of a viewer's work of unknown size, which begins now: each takes the time that was used since the last one (W3). */
export function turnsOf(pacer: Pacer, viewer: Viewer): TakeTurn {
  let sinceMs = performance.now();
  const begin = () => {
    sinceMs = performance.now();
  };
  return () => {
    const turn = pacer.take(viewerKey(viewer), (performance.now() - sinceMs) * pointsPerMs);
    if (turn) return turn.then(begin);
    begin();
    return undefined;
  };
}
