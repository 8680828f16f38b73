import type { Viewer } from '@muster/core';
import type { RateLimiter } from '../limits/rateLimiter.ts';
import { viewerKey } from '../limits/rateLimiter.ts';

/** Points of several groups that become due together: a credential's requests get their share in between. */
const leastPauseMs = 50;

/** The parameters of the budgets. */
export interface EventBudgetsOptions {
  /** The budgets of the credentials, from which their requests take, too. */
  readonly points: Pick<RateLimiter, 'charge' | 'pointsInMs'>;
  /** Called when a group, or a start of a subscription, is paused. */
  onPause(viewer: Viewer): void;
}

/** A group that waits for points. */
interface Paused {
  readonly viewer: Viewer;
  /** The points that it needs to go on. */
  readonly points: number;
  readonly resume: () => void;
}

/**
 * W8: the points that subscriptions take from their credentials' budgets. A credential without points has its groups
 * paused; while points come in, the groups that need the fewest go on first, so that the costliest wait longest.
 */
export class EventBudgets {
  readonly #options: EventBudgetsOptions;
  /** By credential, those that need the fewest points first. */
  readonly #paused = new Map<string, Paused[]>();

  constructor(options: EventBudgetsOptions) {
    this.#options = options;
  }

  /** How many groups, and starts of subscriptions, wait for points. */
  get paused(): number {
    let count = 0;
    for (const waiting of this.#paused.values()) count += waiting.length;
    return count;
  }

  /** The time until the viewer's credential has points again; 0 where some are left and none of its groups waits. */
  pausedMs(viewer: Viewer): number {
    const waitMs = this.#options.points.pointsInMs(viewer);
    return this.#paused.has(viewerKey(viewer)) ? Math.max(waitMs, leastPauseMs) : waitMs;
  }

  /** Takes points for work that is done. */
  charge(viewer: Viewer, points: number): void {
    this.#options.points.charge(viewer, points);
  }

  /** Resolves once the viewer's credential has points again, of which `points` are taken. */
  wait(viewer: Viewer, points: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const key = viewerKey(viewer);
    const waiting = this.#paused.get(key);
    const paused = { viewer, points, resume: resolve };
    if (waiting) {
      const at = waiting.findLastIndex((other) => other.points <= points) + 1;
      waiting.splice(at, 0, paused);
    } else {
      this.#paused.set(key, [paused]);
      this.#resumeLater(key, viewer);
    }
    this.#options.onPause(viewer);
    return promise;
  }

  #resumeLater(key: string, viewer: Viewer): void {
    const waitMs = Math.max(leastPauseMs, this.#options.points.pointsInMs(viewer));
    setTimeout(() => this.#resume(key, viewer), waitMs).unref();
  }

  #resume(key: string, viewer: Viewer): void {
    const { points } = this.#options;
    const waiting = this.#paused.get(key) ?? [];
    while (waiting.length > 0 && points.pointsInMs(viewer) === 0) {
      const next = waiting.shift();
      if (!next) break;
      points.charge(next.viewer, next.points);
      next.resume();
    }
    if (waiting.length > 0) this.#resumeLater(key, viewer);
    else this.#paused.delete(key);
  }
}

/** The credentials of a group's subscribers, which pay for its work in turn. */
export class Payers {
  readonly #budgets: EventBudgets;
  readonly #viewers = new Map<string, { readonly viewer: Viewer; subscribers: number }>();

  constructor(budgets: EventBudgets) {
    this.#budgets = budgets;
  }

  /** A subscriber that pays from now on; returns how to leave. */
  join(viewer: Viewer): () => void {
    const key = viewerKey(viewer);
    const payer = this.#viewers.get(key) ?? { viewer, subscribers: 0 };
    payer.subscribers += 1;
    this.#viewers.set(key, payer);
    return () => {
      payer.subscribers -= 1;
      if (payer.subscribers === 0 && this.#viewers.get(key) === payer) this.#viewers.delete(key);
    };
  }

  /**
   * Takes points from one of the credentials that have some.
   *
   * @returns where no credential has points, the wait until one has and they are taken; else undefined
   */
  pay(points: number): Promise<void> | undefined {
    let first: Viewer | undefined;
    let firstMs = Number.POSITIVE_INFINITY;
    for (const [key, payer] of this.#viewers) {
      const pausedMs = this.#budgets.pausedMs(payer.viewer);
      if (pausedMs < firstMs) [first, firstMs] = [payer.viewer, pausedMs];
      if (pausedMs > 0) continue;
      // Its turn comes again after all others'.
      if (this.#viewers.size > 1) {
        this.#viewers.delete(key);
        this.#viewers.set(key, payer);
      }
      this.#budgets.charge(payer.viewer, points);
      return undefined;
    }
    return first && this.#budgets.wait(first, points);
  }
}
