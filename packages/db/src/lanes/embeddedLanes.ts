import { Bag } from './bag.ts';
import { LaneCounters, type LaneLoad } from './laneLoad.ts';
import { type AnyLoan, type LoanBook, takeTurn } from './loan.ts';
import { type Turn, type TurnBounds, Turns } from './turns.ts';
import { type LaneName, laneNames, type Work } from './work.ts';
import type { WorkStoppedError } from './workErrors.ts';

/** How often each lane's turn comes, where all have work: none is starved. */
const shares: Readonly<Record<LaneName, number>> = { probes: 16, reports: 8, sweeps: 4, changes: 4, reads: 2 };

/** Each lane has a queue; the connection is bounded by itself. */
const bounds: TurnBounds = {
  running: 0,
  runningPerTenant: 1,
  runningPerCredential: 1,
  waitingPerTenant: 5_000,
  waitingPerCredential: 5_000,
};

/**
 * The lanes of a database with one connection: they order its work, by their shares and by turns in each. A statement
 * that runs can't be interrupted; its caller gets the error at once all the same.
 */
export class EmbeddedLanes {
  readonly #lanes: Readonly<Record<LaneName, EmbeddedLane>>;
  #isBusy = false;
  /** The place of the turn that started last. */
  #pass = 0;

  constructor() {
    const lane = (name: LaneName) => new EmbeddedLane(name, () => this.#startNext());
    this.#lanes = {
      reports: lane('reports'),
      changes: lane('changes'),
      reads: lane('reads'),
      sweeps: lane('sweeps'),
      probes: lane('probes'),
    };
  }

  get loads(): LaneLoad[] {
    return laneNames.map((name) => this.#lanes[name].load);
  }

  /**
   * Does `run` when the work's turn has come, alone on the connection.
   *
   * @throws QueueFullError, WorkStoppedError
   */
  take<Result>(work: Work, run: () => Promise<Result>): Promise<Result> {
    const begin = async () => {
      this.#isBusy = true;
      try {
        return await run();
      } finally {
        this.#isBusy = false;
      }
    };
    return takeTurn(this.#lanes[work.lane], work, { begin, interrupt: () => {} });
  }

  /** Stops all that waits or runs, and whatever would come after it. */
  interrupt(reason: WorkStoppedError): void {
    for (const name of laneNames) this.#lanes[name].interrupt(reason);
  }

  #startNext(): void {
    if (this.#isBusy) return;
    const waiting = laneNames.map((name) => this.#lanes[name]).filter(({ turns }) => turns.waiting > 0);
    waiting.sort((a, b) => a.pass - b.pass);
    for (const lane of waiting) {
      const turn = lane.next();
      if (!turn) continue;
      this.#pass = Math.max(this.#pass, lane.pass);
      lane.pass = this.#pass + 1 / shares[lane.name];
      turn.start();
      return;
    }
  }
}

class EmbeddedLane implements LoanBook {
  readonly name: LaneName;
  readonly connections = 1;
  interrupted: WorkStoppedError | undefined;
  readonly counters = new LaneCounters();
  readonly loans = new Bag<AnyLoan>();
  readonly turns: LoanBook['turns'];
  /** The place of the lane's next turn among all turns: it moves on by less, the larger the lane's share is. */
  pass = 0;
  readonly #turns = new Turns<Turn>(bounds);

  constructor(name: LaneName, startNext: () => void) {
    this.name = name;
    const own = this.#turns;
    this.turns = {
      take: (turn, retryAfterMs) => {
        own.take(turn, retryAfterMs);
        startNext();
      },
      remove: (turn) => own.remove(turn),
      done: (turn) => {
        own.done(turn);
        startNext();
      },
      get running() {
        return own.running;
      },
      get waiting() {
        return own.waiting;
      },
    };
  }

  get load(): LaneLoad {
    return this.counters.load(this.name, this);
  }

  interrupt(reason: WorkStoppedError): void {
    this.interrupted = reason;
    for (const loan of this.loans) loan.stop(reason);
  }

  /** Takes the next turn of the lane. */
  next(): Turn | undefined {
    return this.#turns.next();
  }
}
