import type { Viewer } from '@muster/core';
import { type Database, type LaneName, type StopCause, type Turn, Turns, Work, WorkStoppedError } from '@muster/db';
import type { Caller } from './caller.ts';
import { type ConcurrencyLimit, createConcurrencyLimit } from './concurrencyLimit.ts';
import { viewerKey } from './rateLimiter.ts';

/** The cost at which an operation counts as one more of its credential's operations at a time. */
const costPerSlot = 10_000;
/** The most that a report may cost for it to be no operation at a time. */
export const maxReportCost = 1_000;

/** The part of the server's work that an operation is. `reports`: only what agents send and fetch about themselves. */
export type OperationLane = Extract<LaneName, 'reports' | 'changes' | 'reads'>;

/** An operation, as far as the bounds of work go. */
export interface BoundOperation {
  readonly viewer: Viewer;
  readonly lane: OperationLane;
  /** By the formula in docs/limits.md; 1 where a front has no formula. */
  readonly cost: number;
}

/** The work of a stream, from its start to its end. */
export interface StreamWork {
  /** Runs a part of it. */
  run<Result>(part: () => Result): Result;
  /** Ends it: its statements are cancelled. Idempotent. */
  end(): void;
  readonly isOver: boolean;
}

/** The settings of admission. */
export interface AdmissionOptions {
  readonly db: Pick<Database, 'runAs'>;
  /** How long an operation may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly operationsPerCredential: number;
  readonly operationsPerDomain: number;
  readonly waitingPerDomain: number;
  readonly waitsPerCredential: number;
}

/** Counts of operations, for monitoring. */
export interface AdmissionLoad {
  /** Operations that run, the costly ones counted as several. */
  readonly running: number;
  readonly waiting: number;
  /** Operations refused since the start, since too many waited. */
  readonly refused: number;
  /** Operations stopped since the start, by cause. */
  readonly stopped: Readonly<Record<StopCause, number>>;
}

/** The state that all operations of an admission share. */
interface Books {
  readonly options: AdmissionOptions;
  readonly turns: Turns<Turn>;
  readonly waits: ConcurrencyLimit;
  readonly stopped: Record<StopCause, number>;
  refused: number;
  /** How long an operation takes, lately. */
  meanMs: number;
}

/**
 * Lets operations of every front begin, a bounded number of each credential and domain at a time, the others by turns (W5).
 * Each has a deadline (W1), and runs as a work of its lane (W4).
 */
export class Admission {
  readonly #books: Books;

  constructor(options: AdmissionOptions) {
    const { operationsPerDomain, operationsPerCredential, waitingPerDomain, waitsPerCredential } = options;
    this.#books = {
      options,
      turns: new Turns({
        running: Number.POSITIVE_INFINITY,
        runningPerTenant: operationsPerDomain,
        runningPerCredential: operationsPerCredential,
        waitingPerTenant: waitingPerDomain,
        waitingPerCredential: Math.ceil(waitingPerDomain / 2),
      }),
      waits: createConcurrencyLimit('waits', waitsPerCredential),
      stopped: { deadline: 0, client: 0, shutdown: 0 },
      refused: 0,
      meanMs: 1,
    };
  }

  /** The load, for monitoring. */
  get load(): AdmissionLoad {
    const { turns, refused, stopped } = this.#books;
    return { running: turns.running, waiting: turns.waiting, refused, stopped };
  }

  /**
   * Executes an operation, at once where there is room for it, or when its turn comes.
   *
   * @returns what `execute` returns; at once if that is no promise and the operation did not wait
   * @throws QueueFullError where too many operations wait; WorkStoppedError where the operation took too long, or its client
   *   went away; or what `execute` throws. Rejects with them, too.
   */
  run<Result>(
    operation: BoundOperation,
    caller: Caller,
    execute: () => Result | Promise<Result>,
  ): Result | Promise<Result> {
    return new UnderWay(this.#books, operation, caller, execute).begin();
  }

  /** Runs a part of an operation whose statement has failed: whatever asks the database gets the error again, unasked. */
  runFailed<Result>(operation: BoundOperation, error: Error, part: () => Result): Result {
    const { lane, cost, viewer } = operation;
    const work = Work.start({ ...ownerOf(viewer), lane, weight: cost, timeoutMs: null });
    work.stop(error);
    return this.#books.options.db.runAs(work, part);
  }

  /** Begins the work of a stream, which has no deadline: its statements wait for turns as all others. */
  openStream({ viewer, cost }: Pick<BoundOperation, 'viewer' | 'cost'>): StreamWork {
    return this.#openStream({ ...ownerOf(viewer), weight: cost });
  }

  /** Begins work that many streams of equal access share: no credential's own. */
  openSharedStream(viewer: Viewer): StreamWork {
    return this.#openStream({ ...ownerOf(viewer), credential: '', weight: 1 });
  }

  #openStream(owner: { tenant: string; credential: string; weight: number }): StreamWork {
    const { db } = this.#books.options;
    const work = Work.start({ ...owner, lane: 'reads', timeoutMs: null });
    return {
      run: (part) => db.runAs(work, part),
      end: () => work.stop(new WorkStoppedError('client')),
      get isOver() {
        return work.stopped !== undefined;
      },
    };
  }
}

/** Whose work it is: operations of no domain, and those without credentials, count as one domain's. */
function ownerOf(viewer: Viewer): { tenant: string; credential: string } {
  return { tenant: viewer.domainId ?? '', credential: viewerKey(viewer) };
}

/** How much of its credential's bound an operation takes: the more, the more it costs. */
function sizeOf(cost: number, operationsPerCredential: number): number {
  return Math.min(operationsPerCredential, 1 + Math.floor(cost / costPerSlot));
}

type Outcome<Result> = { readonly value: Result } | { readonly error: unknown };

/** An operation from the moment when it asks for its turn. */
class UnderWay<Result> implements Turn {
  readonly tenant: string;
  readonly credential: string;
  readonly weight: number;
  readonly size: number;
  readonly load: number;
  readonly #books: Books;
  readonly #operation: BoundOperation;
  readonly #caller: Caller;
  readonly #execute: () => Result | Promise<Result>;
  readonly #work: Work;
  #hasTurn = false;
  #startedAtMs = 0;
  #outcome: Outcome<Result> | undefined;
  #answer: PromiseWithResolvers<Result> | undefined;
  #stopListening: (() => void) | undefined;
  #releaseWait: (() => void) | undefined;

  constructor(books: Books, operation: BoundOperation, caller: Caller, execute: () => Result | Promise<Result>) {
    const { timeoutMs, operationsPerCredential } = books.options;
    const { tenant, credential } = ownerOf(operation.viewer);
    this.tenant = tenant;
    this.credential = credential;
    this.weight = Math.max(1, operation.cost);
    this.size = sizeOf(operation.cost, operationsPerCredential);
    this.load = this.size;
    this.#books = books;
    this.#operation = operation;
    this.#caller = caller;
    this.#execute = execute;
    this.#work = Work.start({
      // The domain moves what an agent reports to the lane of reports; the rest of such an operation is a read.
      lane: operation.lane === 'reports' ? 'reads' : operation.lane,
      tenant,
      credential,
      weight: operation.cost,
      timeoutMs: Math.min(timeoutMs, caller.timeoutMs ?? timeoutMs),
      onWait: this.#beginWait,
    });
  }

  begin(): Result | Promise<Result> {
    // Thousands of agents share a key, and what they report is joined into few statements (W5): they wait there.
    if (this.#operation.lane === 'reports' && this.#operation.cost <= maxReportCost) this.#run();
    else this.#takeTurn();
    if (this.#outcome) {
      if ('error' in this.#outcome) throw this.#outcome.error;
      return this.#outcome.value;
    }
    return this.#listen();
  }

  start(): void {
    this.#hasTurn = true;
    try {
      const wait = this.#caller.mayStart?.();
      if (wait) this.#takeTurnAfter(wait);
      else this.#run();
    } catch (error) {
      this.#end({ error });
    }
  }

  /** Leaves the turn to others until the client has read what it was sent. */
  #takeTurnAfter(wait: Promise<void>): void {
    queueMicrotask(() => this.#releaseTurn());
    void wait.then(() => {
      if (!this.#outcome) this.#takeTurn();
    });
  }

  #takeTurn(): void {
    const { turns, options, meanMs } = this.#books;
    try {
      turns.take(this, () =>
        Math.round(Math.min(10_000, Math.max(100, (meanMs * turns.waiting) / options.operationsPerDomain))),
      );
    } catch (error) {
      this.#books.refused += 1;
      this.#end({ error });
    }
  }

  #run(): void {
    this.#startedAtMs = performance.now();
    try {
      const result = this.#books.options.db.runAs(this.#work, this.#execute);
      if (result instanceof Promise) {
        result.then(
          (value) => this.#end({ value }),
          (error: unknown) => this.#end({ error }),
        );
      } else {
        this.#end({ value: result });
      }
    } catch (error) {
      this.#end({ error });
    }
  }

  /** From now on the operation is stopped when its deadline passes or its client goes. */
  #listen(): Promise<Result> {
    this.#answer = Promise.withResolvers<Result>();
    this.#work.onStop(this.#onStop);
    this.#stopListening = this.#caller.onGone(() => this.#work.stop(new WorkStoppedError('client')));
    return this.#answer.promise;
  }

  readonly #onStop = (reason: Error): void => {
    if (reason instanceof WorkStoppedError) this.#books.stopped[reason.stopCause] += 1;
    this.#answer?.reject(reason);
    // An operation that runs gives its turn back when it has ended, which is soon: its statements are cancelled.
    if (this.#startedAtMs > 0) return;
    this.#books.turns.remove(this);
    this.#end({ error: reason });
  };

  readonly #beginWait = (): void => {
    this.#releaseWait ??= this.#books.waits.acquire(this.#operation.viewer);
    this.#releaseTurn();
  };

  #end(outcome: Outcome<Result>): void {
    this.#outcome = outcome;
    this.#work.offStop(this.#onStop);
    this.#work.end();
    this.#stopListening?.();
    this.#releaseWait?.();
    this.#releaseTurn();
    if (this.#startedAtMs > 0) this.#books.meanMs += (performance.now() - this.#startedAtMs - this.#books.meanMs) / 16;
    if (!this.#answer) return;
    if ('error' in outcome) this.#answer.reject(outcome.error);
    else this.#answer.resolve(outcome.value);
  }

  #releaseTurn(): void {
    if (!this.#hasTurn) return;
    this.#hasTurn = false;
    this.#books.turns.done(this);
  }
}
