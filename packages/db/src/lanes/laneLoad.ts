/** The load of a lane, now and since the start, for monitoring. */
export interface LaneLoad {
  readonly lane: string;
  /** How many statements or transactions may run at a time. */
  readonly connections: number;
  readonly running: number;
  readonly waiting: number;
  /** Turns that have come. */
  readonly started: number;
  /** The time that those waited, together. */
  readonly waitedMs: number;
  /** Statements that were cancelled, or whose turn was no longer wanted. */
  readonly cancelled: number;
  /** Turns that were refused, since the queue was full. */
  readonly refused: number;
}

interface CountedLane {
  readonly connections: number;
  readonly turns: { readonly running: number; readonly waiting: number };
}

/** The counters of a lane. */
export class LaneCounters {
  started = 0;
  waitedMs = 0;
  cancelled = 0;
  refused = 0;
  /** How long a turn takes, lately: a mean in which the last ones weigh most. */
  #meanMs = 1;

  load(lane: string, { connections, turns }: CountedLane): LaneLoad {
    const { started, waitedMs, cancelled, refused } = this;
    const { running, waiting } = turns;
    return { lane, connections, running, waiting, started, waitedMs, cancelled, refused };
  }

  /** A turn has ended that took this long. */
  took(ms: number): void {
    this.#meanMs += (ms - this.#meanMs) / 16;
  }

  /** After how long a full queue may have room: when an eighth of it has been served. */
  retryAfterMs(waiting: number, connections: number): number {
    const ms = (this.#meanMs * waiting) / (8 * connections);
    return Math.round(Math.min(10_000, Math.max(50, ms)));
  }
}
