/** The load of a lane, now and since the start, for monitoring. */
export interface LaneLoad {
  readonly lane: string;
  /** How many statements or transactions may run at a time. */
  readonly connections: number;
  readonly running: number;
  readonly waiting: number;
  /** For how long the oldest of those that wait has waited without any turn of the lane having come, in milliseconds; 0 where none waits. */
  readonly stalledMs: number;
  /** Turns that have come. */
  readonly started: number;
  /** The time that those waited, together. */
  readonly waitedMs: number;
  /** Statements that were cancelled, or whose turn was no longer wanted. */
  readonly cancelled: number;
  /** Turns that were refused, since the queue was full. */
  readonly refused: number;
}

/** A turn that waits, or has come. */
interface CountedLoan {
  /** When it was asked for, by `performance.now`. */
  readonly takenAtMs: number;
  /** When it came; undefined before. */
  readonly startedAtMs: number | undefined;
}

interface CountedLane {
  readonly connections: number;
  readonly turns: { readonly running: number; readonly waiting: number };
  readonly loans: Iterable<CountedLoan>;
}

/** The counters of a lane. */
export class LaneCounters {
  started = 0;
  waitedMs = 0;
  cancelled = 0;
  refused = 0;
  #startedAtMs = 0;
  /** How long a turn takes, lately: a mean in which the last ones weigh most. */
  #meanMs = 1;

  load(lane: string, { connections, turns, loans }: CountedLane): LaneLoad {
    const { started, waitedMs, cancelled, refused } = this;
    const { running, waiting } = turns;
    const stalledMs = waiting === 0 ? 0 : this.#stalledMs(loans, performance.now());
    return { lane, connections, running, waiting, stalledMs, started, waitedMs, cancelled, refused };
  }

  /** A turn has come. @param waitedMs how long it was waited for */
  start(nowMs: number, waitedMs: number): void {
    this.started += 1;
    this.waitedMs += waitedMs;
    this.#startedAtMs = nowMs;
  }

  /** A turn has ended that took this long. */
  took(ms: number): void {
    this.#meanMs += (ms - this.#meanMs) / 16;
  }

  #stalledMs(loans: Iterable<CountedLoan>, nowMs: number): number {
    let takenAtMs = nowMs;
    for (const loan of loans) if (loan.startedAtMs === undefined) takenAtMs = Math.min(takenAtMs, loan.takenAtMs);
    return nowMs - Math.max(takenAtMs, this.#startedAtMs);
  }

  /** After how long a full queue may have room: when an eighth of it has been served. */
  retryAfterMs(waiting: number, connections: number): number {
    const ms = (this.#meanMs * waiting) / (8 * connections);
    return Math.round(Math.min(10_000, Math.max(50, ms)));
  }
}
