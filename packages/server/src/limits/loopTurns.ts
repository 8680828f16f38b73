/** The time for which requests are begun in one turn of the event loop, in milliseconds. */
const sliceMs = 5;

/** Begins of requests, of which each turn of the event loop takes a slice of time. */
export interface LoopTurns {
  /**
   * Runs the synchronous begin of a request: at once, or in a later turn of the event loop, where other credentials go before
   * those that have had a begin in this one.
   *
   * @param key tells credentials apart
   */
  run<Result>(key: string, begin: () => Result): Result | Promise<Result>;
}

/**
 * Makes turns of the event loop (W3): begins that take long leave the loop to others in between, and each credential has a
 * queue, so that nobody waits for more than one begin of each other credential.
 *
 * @param now milliseconds that only go forward
 */
export function createLoopTurns(now: () => number = performance.now.bind(performance)): LoopTurns {
  return new Slices(now);
}

class Slices implements LoopTurns {
  readonly #now: () => number;
  /** Begins that wait, by credential; the next one first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #spentMs = 0;
  #isScheduled = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  run<Result>(key: string, begin: () => Result): Result | Promise<Result> {
    if (this.#spentMs < sliceMs) return this.#spend(begin);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const queue = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, queue);
    queue.push(() => {
      try {
        resolve(this.#spend(begin));
      } catch (error) {
        reject(error);
      }
    });
    return promise;
  }

  #spend<Result>(begin: () => Result): Result {
    const startMs = this.#now();
    try {
      return begin();
    } finally {
      this.#spentMs += this.#now() - startMs;
      if (this.#spentMs >= sliceMs) this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#spentMs = 0;
      this.#beginWaiting();
    });
  }

  /** Begins what waits, by turns of the credentials, until the slice is spent. */
  #beginWaiting(): void {
    for (const [key, queue] of this.#waiting) {
      const begin = queue.shift();
      this.#waiting.delete(key);
      // The credential goes to the end of the ring.
      if (queue.length > 0) this.#waiting.set(key, queue);
      begin?.();
      if (this.#spentMs >= sliceMs) return;
    }
  }
}
