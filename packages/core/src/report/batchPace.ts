/** The longest that reports wait for others to share a batch with. */
const longestWaitMs = 5;
/** How often a batch that waits looks whether reports still come: the shortest period of Node's timers. */
const lookMs = 1;
/** The further reports that are expected where waiting is worth it. */
const worthwhile = 3;
/** No pause between two reports counts as longer. */
const longestGapMs = 100;
/** The pauses between reports of which the mean is kept. */
const gapsInMean = 16;

/** The parts of an event loop that waiting needs. */
export interface BatchClock {
  /** Milliseconds that only go forward. */
  nowMs(): number;
  /** Calls back after the input of the present turn, which may bring more reports. */
  atTurnsEnd(callback: () => void): void;
  after(ms: number, callback: () => void): void;
}

const ownClock: BatchClock = {
  nowMs: () => performance.now(),
  atTurnsEnd: (callback) => void setImmediate(callback),
  after: (ms, callback) => void setTimeout(callback, ms),
};

/**
 * Says when batches start: at once, unless the last one started less than 5 ms ago and reports come so fast that more are
 * sure to come before these are over. A batch then waits for their end, or until a millisecond has brought no report. So
 * steady reports share few statements, and a lone one never meets a timer.
 */
export class BatchPace {
  readonly #clock: BatchClock;
  #arrivals = 0;
  #lastArrivalMs = Number.NEGATIVE_INFINITY;
  #meanGapMs = longestGapMs;
  #lastStartMs = Number.NEGATIVE_INFINITY;

  constructor(clock: BatchClock = ownClock) {
    this.#clock = clock;
  }

  /** Says that a report has come. */
  arrived(): void {
    const nowMs = this.#clock.nowMs();
    const gapMs = Math.min(longestGapMs, nowMs - this.#lastArrivalMs);
    this.#meanGapMs += (gapMs - this.#meanGapMs) / gapsInMean;
    this.#lastArrivalMs = nowMs;
    this.#arrivals += 1;
  }

  /** Says that a batch has started. */
  started(): void {
    this.#lastStartMs = this.#clock.nowMs();
  }

  /**
   * Calls `start` back when the next batch may start.
   *
   * @param isReady whether the batch is to start without a further wait, as things are
   */
  defer(start: () => void, isReady: () => boolean): void {
    this.#clock.atTurnsEnd(() => this.#look(start, isReady, undefined));
  }

  #look(start: () => void, isReady: () => boolean, arrivalsBefore: number | undefined): void {
    const arrivals = this.#arrivals;
    if (arrivals === arrivalsBefore || isReady() || !this.#moreAreSure()) start();
    else this.#clock.after(lookMs, () => this.#look(start, isReady, arrivals));
  }

  #moreAreSure(): boolean {
    const leftMs = this.#lastStartMs + longestWaitMs - this.#clock.nowMs();
    return leftMs > 0 && leftMs >= worthwhile * this.#meanGapMs;
  }
}
