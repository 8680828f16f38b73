import type { Viewer } from '@muster/core';
import { viewerKey } from '../src/limits/rateLimiter.ts';

/** The budgets of credentials, in which points come only when a test gives some. */
export class FakePoints {
  readonly #taken = new Map<string, number>();
  /** The points that each credential has from the start. */
  readonly points: number;

  constructor(points = Number.POSITIVE_INFINITY) {
    this.points = points;
  }

  charge(viewer: Viewer, points: number): void {
    this.#taken.set(viewerKey(viewer), this.taken(viewer) + points);
  }

  /** Gives a credential back some of its points. */
  give(viewer: Viewer, points: number): void {
    this.charge(viewer, -points);
  }

  /** The points that a credential has taken. */
  taken(viewer: Viewer): number {
    return this.#taken.get(viewerKey(viewer)) ?? 0;
  }

  pointsInMs(viewer: Viewer): number {
    return this.taken(viewer) < this.points ? 0 : 1;
  }
}
