import { afterOthers } from './afterOthers.ts';

/** The points of work that take about a millisecond. */
export const pointsPerMs = 600;
/** Points of work that run one after another before the event loop gets its turn. */
const pointsPerTurn = 10 * pointsPerMs;

/**
 * Divides long work into turns of the event loop, so that no work is synchronous for long (W3). Those who wait for the
 * next turn are served by keys, one after another, so that nobody's work waits for all of somebody else's.
 */
export interface Pacer {
  /**
   * Takes points of the present turn. Work of unknown size takes what it has used since the last time.
   *
   * @param key who the work is for, such as a domain or a credential
   * @returns undefined where the work may go on at once, or what to wait for
   */
  take(key: string, points: number): Promise<void> | undefined;
}

/** @param nextTurn calls back when the next turn may begin; by default once others had theirs */
export function createPacer(nextTurn: (callback: () => void) => void = afterOthers): Pacer {
  return new TurnPacer(nextTurn);
}

interface Waiting {
  readonly points: number;
  readonly resume: () => void;
}

class TurnPacer implements Pacer {
  readonly #nextTurn: (callback: () => void) => void;
  /** The works that wait, by key; the key that was served last comes last. */
  readonly #waiting = new Map<string, Waiting[]>();
  #left = pointsPerTurn;
  #turnIsComing = false;

  constructor(nextTurn: (callback: () => void) => void) {
    this.#nextTurn = nextTurn;
  }

  take(key: string, points: number): Promise<void> | undefined {
    this.#expectTurn();
    if (this.#left > 0 && this.#waiting.size === 0) {
      this.#left -= points;
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(key);
    if (waiting) waiting.push({ points, resume: resolve });
    else this.#waiting.set(key, [{ points, resume: resolve }]);
    return promise;
  }

  #expectTurn(): void {
    if (this.#turnIsComing) return;
    this.#turnIsComing = true;
    this.#nextTurn(() => this.#startTurn());
  }

  #startTurn(): void {
    this.#turnIsComing = false;
    this.#left = pointsPerTurn;
    for (const [key, waiting] of this.#waiting) {
      if (this.#left <= 0) break;
      const next = waiting.shift();
      // Deleted and set again, the key comes once more at the end of this very loop.
      this.#waiting.delete(key);
      if (waiting.length > 0) this.#waiting.set(key, waiting);
      if (!next) continue;
      this.#left -= next.points;
      next.resume();
    }
    if (this.#waiting.size > 0) this.#expectTurn();
  }
}
