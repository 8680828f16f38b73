import type { Viewer } from '@muster/core';
import { tooManyRequests, tooMuchWork } from '../errors/refusals.ts';

/**
 * The budget of each credential (W6): requests a second, and points a second and a minute. Each of the three is a token
 * bucket, which refills at a steady rate. A SUPERVISOR's points count by the minute alone.
 */
export interface RateLimiter {
  /**
   * Takes a request, and the points of a request, from the viewer's budget.
   *
   * @throws DomainError RATE_LIMITED, with `retryAfterMs`, where no request or no point is left
   */
  consume(viewer: Viewer): void;
  /**
   * Takes points for work that was let in already. The budget may come to owe points; until time has paid these back,
   * nothing can be consumed.
   */
  charge(viewer: Viewer, points: number): void;
  /** The time until the viewer has points again; 0 where some are left. For work that waits instead of being refused. */
  pointsInMs(viewer: Viewer): number;
}

/** The part of a rate limiter that takes points. */
export type Charge = Pick<RateLimiter, 'charge'>;

/** How many bytes of a body take a point: they are read and parsed in the time that a point stands for. */
const bytesPerPoint = 100;

/** Takes the points of a body that was read, whatever is in it. */
export function chargeBytes(budget: Charge, viewer: Viewer, bytes: number): void {
  if (bytes >= bytesPerPoint) budget.charge(viewer, Math.floor(bytes / bytesPerPoint));
}

/** The parameters of a rate limiter. */
export interface RateLimiterOptions {
  /** How many requests a second a credential gains; two seconds' worth can be saved. */
  requestsPerSecond: number;
  /** How many points a second a credential gains; half a second's worth can be saved, since it may be spent at once. */
  pointsPerSecond: number;
  /** How many points a minute a credential gains; one minute's worth can be saved. */
  pointsPerMinute: number;
  /** Milliseconds that only go forward. */
  now: () => number;
}

/** The points that every request takes: the time of a small one. */
const pointsPerRequest = 50;

/** The part of a budget that one bucket holds. */
interface Window {
  readonly capacity: number;
  readonly perMs: number;
}

interface Budget {
  requests: number;
  second: number;
  minute: number;
  /** The time that the three are of. */
  atMs: number;
}

/**
 * From this number of budgets on, full ones are dropped before another is added: a full budget means the same as none.
 * The budgets are no cache whose least recently used entry may be dropped, since a credential whose budget was dropped
 * would have all of it again.
 */
const sweepFrom = 50_000;
const sweepIntervalMs = 1_000;

/** Makes a rate limiter whose budgets are all full. */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  return new Budgets(options);
}

class Budgets implements RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #requests: Window;
  readonly #second: Window;
  readonly #minute: Window;
  readonly #budgets = new Map<string, Budget>();
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RateLimiterOptions) {
    const { requestsPerSecond, pointsPerSecond, pointsPerMinute } = options;
    this.#options = options;
    this.#requests = { capacity: requestsPerSecond * 2, perMs: requestsPerSecond / 1_000 };
    this.#second = { capacity: pointsPerSecond / 2, perMs: pointsPerSecond / 1_000 };
    this.#minute = { capacity: pointsPerMinute, perMs: pointsPerMinute / 60_000 };
  }

  consume(viewer: Viewer): void {
    const budget = this.#budgetOf(viewer);
    if (budget.requests < 1) {
      const { requestsPerSecond } = this.#options;
      throw tooManyRequests(requestsPerSecond, timeUntil(1, budget.requests, this.#requests), viewer);
    }
    const waitMs = this.#pointsInMs(viewer, budget);
    if (waitMs > 0) throw tooMuchWork(this.#options, waitMs, viewer);
    budget.requests -= 1;
    take(budget, pointsPerRequest);
  }

  charge(viewer: Viewer, points: number): void {
    take(this.#budgetOf(viewer), points);
  }

  pointsInMs(viewer: Viewer): number {
    return this.#pointsInMs(viewer, this.#budgetOf(viewer));
  }

  #pointsInMs({ role }: Viewer, { second, minute }: Budget): number {
    const minuteMs = timeUntil(1, minute, this.#minute);
    // Thousands of agents may share a credential and come back at once; they can do little else but publish.
    return role === 'SUPERVISOR' ? minuteMs : Math.max(minuteMs, timeUntil(1, second, this.#second));
  }

  /** The viewer's budget as of now. */
  #budgetOf(viewer: Viewer): Budget {
    const key = viewerKey(viewer);
    const nowMs = this.#options.now();
    const known = this.#budgets.get(key);
    if (known) {
      this.#refill(known, nowMs);
      return known;
    }
    if (this.#budgets.size >= sweepFrom && nowMs - this.#sweptAtMs >= sweepIntervalMs) this.#dropFull(nowMs);
    const budget = {
      requests: this.#requests.capacity,
      second: this.#second.capacity,
      minute: this.#minute.capacity,
      atMs: nowMs,
    };
    this.#budgets.set(key, budget);
    return budget;
  }

  #refill(budget: Budget, nowMs: number): void {
    const passedMs = nowMs - budget.atMs;
    budget.requests = refilled(budget.requests, this.#requests, passedMs);
    budget.second = refilled(budget.second, this.#second, passedMs);
    budget.minute = refilled(budget.minute, this.#minute, passedMs);
    budget.atMs = nowMs;
  }

  #dropFull(nowMs: number): void {
    this.#sweptAtMs = nowMs;
    for (const [key, budget] of this.#budgets) {
      this.#refill(budget, nowMs);
      const { requests, second, minute } = budget;
      const isFull =
        requests === this.#requests.capacity && second === this.#second.capacity && minute === this.#minute.capacity;
      if (isFull) this.#budgets.delete(key);
    }
  }
}

function take(budget: Budget, points: number): void {
  budget.second -= points;
  budget.minute -= points;
}

function refilled(left: number, { capacity, perMs }: Window, passedMs: number): number {
  return Math.min(capacity, left + passedMs * perMs);
}

/** The time until a bucket that holds `left` holds `needed`. */
function timeUntil(needed: number, left: number, { perMs }: Window): number {
  return left >= needed ? 0 : Math.ceil((needed - left) / perMs);
}

/** The key under which a viewer is counted: its credential; all who need none count as one. */
export function viewerKey({ credential }: Viewer): string {
  return credential?.id ?? '';
}
