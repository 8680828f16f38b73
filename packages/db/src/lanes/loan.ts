import type { Client } from 'pg';
import type { Bag } from './bag.ts';
import type { LaneCounters } from './laneLoad.ts';
import { loadOf, type Turn, type Turns } from './turns.ts';
import type { Work } from './work.ts';
import type { WorkStoppedError } from './workErrors.ts';

/** A lane's books. */
export interface LoanBook {
  readonly turns: Pick<Turns<Turn>, 'take' | 'remove' | 'done' | 'running' | 'waiting'>;
  readonly counters: LaneCounters;
  /** Those that wait or run. */
  readonly loans: Bag<AnyLoan>;
  /** How many turns run at a time. */
  readonly connections: number;
  /** Why no more turns are given, as the server is stopping; undefined before. */
  readonly interrupted: WorkStoppedError | undefined;
}

/** The use of a turn. */
export interface Task<Result> {
  /** When the statement that runs was sent, by `performance.now`; undefined while none does. */
  readonly sentAtMs?: number | undefined;
  /** The connection that it has; undefined while it has none. */
  readonly client?: Client | undefined;
  /** Does it; called when the turn has come. */
  begin(): Promise<Result>;
  /**
   * Hastens the end of what runs, since nobody waits for it any longer.
   *
   * @param giveBack gives the turn back although the task has not ended; for a task that may never end
   */
  interrupt(giveBack: () => void): void;
}

/** A loan, whatever it is for. */
export interface AnyLoan {
  /** When the turn was asked for, by `performance.now`. */
  readonly takenAtMs: number;
  /** When the turn came, by `performance.now`; undefined before. */
  readonly startedAtMs: number | undefined;
  /** When its statement that runs was sent, by `performance.now`; undefined while none does. */
  readonly sentAtMs: number | undefined;
  /** The connection that the task has; undefined while it has none to itself. */
  readonly client: Client | undefined;
  /** Whether the task was given up on. */
  readonly hasFailed: boolean;
  /** Where it lies in the bag; for the bag alone. */
  index?: number | undefined;
  stop(reason: Error): void;
  /** Gives up on the task: its caller gets `error`, and it is interrupted. Idempotent. */
  fail(error: Error): void;
}

/**
 * Does a task when the work's turn has come. When the work is stopped, the caller gets the error at once; the turn is given
 * back when the task has ended.
 *
 * @throws QueueFullError, WorkStoppedError
 */
export function takeTurn<Result>(book: LoanBook, work: Work, task: Task<Result>): Promise<Result> {
  const stopped = work.stopped ?? book.interrupted;
  if (stopped) return Promise.reject(stopped);
  return new Loan(book, work, task).take();
}

class Loan<Result> implements Turn, AnyLoan {
  readonly tenant: string;
  readonly credential: string;
  readonly weight: number;
  readonly size = 1;
  readonly load: number;
  readonly #book: LoanBook;
  readonly #work: Work;
  readonly #task: Task<Result>;
  readonly #result = Promise.withResolvers<Result>();
  readonly takenAtMs = performance.now();
  startedAtMs: number | undefined;
  hasFailed = false;
  index: number | undefined;
  place: number | undefined;
  #hasTurn = false;

  constructor(book: LoanBook, work: Work, task: Task<Result>) {
    this.#book = book;
    this.#work = work;
    this.#task = task;
    this.tenant = work.tenant;
    this.credential = work.credential;
    this.weight = work.weight;
    this.load = loadOf(work.weight);
  }

  get sentAtMs(): number | undefined {
    return this.#task.sentAtMs;
  }

  get client(): Client | undefined {
    return this.#task.client;
  }

  take(): Promise<Result> {
    const { turns, counters, loans, connections } = this.#book;
    loans.add(this);
    this.#work.onStop(this.stop);
    try {
      turns.take(this, () => counters.retryAfterMs(turns.waiting, connections));
    } catch (error) {
      counters.refused += 1;
      this.#end();
      this.#result.reject(error);
    }
    return this.#result.promise;
  }

  start(): void {
    const { counters } = this.#book;
    this.startedAtMs = performance.now();
    this.#hasTurn = true;
    counters.start(this.startedAtMs, this.startedAtMs - this.takenAtMs);
    this.#task.begin().then(
      (result) => {
        this.#giveBack();
        this.#result.resolve(result);
      },
      (error: unknown) => {
        this.#giveBack();
        this.#result.reject(error);
      },
    );
  }

  readonly stop = (reason: Error): void => this.fail(reason);

  fail(error: Error): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.#book.counters.cancelled += 1;
    this.#result.reject(error);
    if (this.startedAtMs !== undefined) {
      this.#task.interrupt(() => this.#giveBack());
    } else {
      this.#end();
      this.#book.turns.remove(this);
    }
  }

  #giveBack(): void {
    if (!this.#hasTurn) return;
    this.#hasTurn = false;
    this.#end();
    this.#book.counters.took(performance.now() - (this.startedAtMs ?? 0));
    this.#book.turns.done(this);
  }

  #end(): void {
    this.#work.offStop(this.stop);
    this.#book.loans.remove(this);
  }
}
