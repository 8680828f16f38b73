import { DomainError } from '../base/errors.ts';
import type { Change } from './change.ts';
import { encodeCursor } from './cursor.ts';
import type { LogEpochs } from './epochs.ts';

/** A change in a queue: its sequence number, and its meaning to the queue's reader. */
export interface QueuedChange<Meaning> {
  readonly seq: number;
  readonly meaning: Meaning;
}

/** Stands for a meaning that is found out only once the reader takes the change. */
export const onceTaken = Symbol('once taken');

/** The meanings of changes to a reader. */
export interface ChangeReader<Meaning> {
  /** A change's meaning, or that it is found out `onceTaken`; null for a change that is not to be queued. */
  meaningOf(change: Change): Meaning | typeof onceTaken | null;
  /** The meaning of a change that was queued without one. */
  meaningOnceTaken(change: Change): Meaning;
}

/** The parameters of a change queue. */
export interface ChangeQueueOptions<Meaning> extends ChangeReader<Meaning> {
  /** The log that the changes come from, at present. */
  log(): LogEpochs;
  /** Only changes after this sequence number are queued. */
  readonly afterSeq: number;
  /** E5: how many changes may wait. */
  readonly bufferEvents: number;
  /** Called once: when the queue ends, overflows, or its reader leaves. */
  onEnd(): void;
}

/**
 * One reader's bounded queue of changes; an async iterator that ends after `end` or `return`. Pushing never throws and
 * never waits. A reader whose `meaningOf` throws gets that error. A reader that falls `bufferEvents` behind gets the changes that wait in the queue, and then
 * SLOW_CONSUMER with the cursor to resume from (E5).
 */
export class ChangeQueue<Meaning> implements AsyncIterableIterator<QueuedChange<Meaning>> {
  readonly #options: ChangeQueueOptions<Meaning>;
  /** A change without a meaning waits as it is: thousands of queues may hold a thousand changes each. */
  readonly #waiting: (QueuedChange<Meaning> | Change)[] = [];
  #ended = false;
  /** Why the queue ended, until its reader gets to know. */
  #failure: (() => unknown) | undefined;
  /** The last change that the reader took, or got in another way. */
  #takenSeq: number;
  #reader: PromiseWithResolvers<IteratorResult<QueuedChange<Meaning>>> | undefined;

  constructor(options: ChangeQueueOptions<Meaning>) {
    this.#options = options;
    this.#takenSeq = options.afterSeq;
  }

  /** Whether no change waits to be taken. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Queues a change that means something to the reader; a reader that waits gets it at once.
   *
   * @returns whether a reader got it, and has work to do now
   */
  push(change: Change): boolean {
    const { afterSeq, bufferEvents } = this.#options;
    if (this.#ended || change.seq <= afterSeq) return false;
    const meaning = this.#meaningOf(change);
    if (meaning === null) return false;
    const queued = meaning === onceTaken ? change : { seq: change.seq, meaning };
    if (this.#reader) {
      this.#reader.resolve(this.#take(queued));
      this.#reader = undefined;
      return true;
    }
    if (this.#waiting.length < bufferEvents) this.#waiting.push(queued);
    else this.#overflow();
    return false;
  }

  /** Drops the changes up to `seq`, which the reader got in another way. */
  skipTo(seq: number): void {
    this.#takenSeq = Math.max(this.#takenSeq, seq);
    const ahead = this.#waiting.findIndex((queued) => queued.seq > seq);
    this.#waiting.splice(0, ahead < 0 ? this.#waiting.length : ahead);
  }

  /** Ends the queue: its reader gets the changes that wait, and then the error. */
  fail(error: unknown): void {
    if (!this.#ended) this.#fail(() => error);
  }

  /** Takes no more changes; the reader still gets those that wait. */
  end(): void {
    this.#finish();
    this.#endReader();
  }

  /** @throws DomainError SLOW_CONSUMER once, after the last change of a queue that overflowed. */
  async next(): Promise<IteratorResult<QueuedChange<Meaning>>> {
    const queued = this.#waiting.shift();
    if (queued) return this.#take(queued);
    if (this.#failure) {
      const error = this.#failure();
      this.#failure = undefined;
      throw error;
    }
    if (this.#ended) return { value: undefined, done: true };
    // One reader reads one change at a time: graphql-js and graphql-ws await each.
    this.#reader ??= Promise.withResolvers();
    return this.#reader.promise;
  }

  /** Ends the queue and drops the changes that wait. */
  async return(): Promise<IteratorResult<QueuedChange<Meaning>>> {
    this.#waiting.length = 0;
    this.#failure = undefined;
    this.end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #meaningOf(change: Change): Meaning | typeof onceTaken | null {
    try {
      return this.#options.meaningOf(change);
    } catch (error) {
      this.#fail(() => error);
      return null;
    }
  }

  #fail(failure: () => unknown): void {
    this.#failure = failure;
    this.#finish();
    if (!this.#reader) return;
    this.#reader.reject(failure());
    this.#reader = undefined;
    this.#failure = undefined;
  }

  #take(queued: QueuedChange<Meaning> | Change): IteratorResult<QueuedChange<Meaning>> {
    const { seq } = queued;
    this.#takenSeq = Math.max(this.#takenSeq, seq);
    const value = 'meaning' in queued ? queued : { seq, meaning: this.#options.meaningOnceTaken(queued) };
    return { value, done: false };
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEnd();
  }

  #endReader(): void {
    this.#reader?.resolve({ value: undefined, done: true });
    this.#reader = undefined;
  }

  #overflow(): void {
    const { bufferEvents } = this.#options;
    // As of now: the reader may find out when the log is another one.
    const log = this.#options.log();
    this.#fail(
      () =>
        new DomainError(
          'SLOW_CONSUMER',
          `expected to be read as fast as changes come; more than ${bufferEvents} were waiting`,
          { lastCursor: encodeCursor(log, this.#takenSeq) },
        ),
    );
  }
}
