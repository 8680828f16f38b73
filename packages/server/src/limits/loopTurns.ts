import { afterOthers } from '@muster/core';

/** The time for which requests are begun before others have their turn, in milliseconds. */
const sliceMs = 5;
/** The part of the event loop that begins of one credential may take that are longer than a slice each. */
const longShare = 1 / 3;
/** How much of them may come at once, in milliseconds: more than a pause of the machine or of the garbage collection. */
const longBurstMs = 20;

/** Begins of requests, of which each turn takes a slice of time. */
export interface LoopTurns {
  /**
   * Runs the synchronous begin of a request: at once, or in a later turn, where other credentials go before those that have
   * had a begin in this one. A credential whose begins are long rests in between, so that they take at most a third of the
   * event loop.
   *
   * @param key tells credentials apart
   */
  run<Result>(key: string, begin: () => Result): Result | Promise<Result>;
}

/** The parameters of turns. */
export interface LoopTurnsOptions {
  /** The least that a begin counts as, in milliseconds: for work that it sets off and that can't be measured. Default 0. */
  readonly leastMs?: number;
  /** Milliseconds that only go forward. */
  readonly now?: () => number;
  /** Calls back when the next turn may begin. */
  readonly nextTurn?: (callback: () => void) => void;
  /** Calls back after that time. */
  readonly after?: (delayMs: number, callback: () => void) => void;
}

/**
 * Makes turns of the event loop (W3): begins that take long leave the loop to others in between, and each credential has a
 * queue, so that nobody waits for more than one begin of each other credential.
 */
export function createLoopTurns(options: LoopTurnsOptions = {}): LoopTurns {
  return new Slices(options);
}

class Slices implements LoopTurns {
  readonly #leastMs;
  readonly #now;
  readonly #nextTurn;
  readonly #after;
  /** Begins that wait, by credential; the next one first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** The credentials with long begins: when these would be over, had they taken no more than their share. */
  readonly #paidAtMs = new Map<string, number>();
  readonly #resting = new Set<string>();
  #spentMs = 0;
  #isScheduled = false;

  constructor({
    leastMs = 0,
    now = performance.now.bind(performance),
    nextTurn = afterOthers,
    after = (delayMs, callback) => void setTimeout(callback, delayMs).unref(),
  }: LoopTurnsOptions) {
    this.#leastMs = leastMs;
    this.#now = now;
    this.#nextTurn = nextTurn;
    this.#after = after;
  }

  run<Result>(key: string, begin: () => Result): Result | Promise<Result> {
    if (this.#spentMs < sliceMs && !this.#resting.has(key)) return this.#spend(key, begin);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const queue = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, queue);
    queue.push(() => {
      try {
        resolve(this.#spend(key, begin));
      } catch (error) {
        reject(error);
      }
    });
    return promise;
  }

  #spend<Result>(key: string, begin: () => Result): Result {
    const startMs = this.#now();
    try {
      return begin();
    } finally {
      const tookMs = this.#now() - startMs;
      this.#spentMs += Math.max(tookMs, this.#leastMs);
      if (tookMs > sliceMs) this.#chargeLong(key, tookMs);
      if (this.#spentMs >= sliceMs) this.#schedule();
    }
  }

  /** Lets the credential rest where its long begins took more than their share. */
  #chargeLong(key: string, tookMs: number): void {
    const nowMs = this.#now();
    const paidAtMs = Math.max(nowMs, this.#paidAtMs.get(key) ?? 0) + tookMs / longShare;
    this.#paidAtMs.set(key, paidAtMs);
    this.#after(paidAtMs - nowMs, () => {
      if (this.#paidAtMs.get(key) === paidAtMs) this.#paidAtMs.delete(key);
    });
    const restMs = paidAtMs - nowMs - longBurstMs / longShare;
    if (restMs <= 0) return;
    this.#resting.add(key);
    this.#after(restMs, () => {
      this.#resting.delete(key);
      if (this.#waiting.has(key)) this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#nextTurn(() => {
      this.#isScheduled = false;
      this.#spentMs = 0;
      this.#beginWaiting();
    });
  }

  /** Begins what waits, by turns of the credentials, until the slice is spent. */
  #beginWaiting(): void {
    for (const [key, queue] of this.#waiting) {
      if (this.#resting.has(key)) continue;
      const begin = queue.shift();
      this.#waiting.delete(key);
      // The credential goes to the end of the ring.
      if (queue.length > 0) this.#waiting.set(key, queue);
      begin?.();
      if (this.#spentMs >= sliceMs) return;
    }
  }
}
