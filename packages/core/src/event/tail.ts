import { type Database, databaseFailureOf } from '@muster/db';
import type { DomainError } from '../base/errors.ts';
import { type Change, changesFromRows } from './change.ts';
import { cursorExpired, type LogBounds, type LogState } from './cursor.ts';
import { hasPlace, type LogPlace, placeAt } from './epochs.ts';
import { openEventLog } from './sql/openEventLog.ts';
import { type EventsRead, readEvents } from './sql/readEvents.ts';
import { readLogBounds } from './sql/readLogBounds.ts';
import { renewEventLog } from './sql/renewEventLog.ts';

/** Events that one statement reads. */
const batchSize = 500;

/** Follows the event log: one per process, however many subscribers (E4). Each change is handed on once, in order. */
export interface EventTail {
  /** The log as it was when it was last read: it has the epoch of every place up to the position. */
  readonly log: LogState;
  /** The sequence number up to which every change has been read, and is handed on if it has not been. */
  readonly position: number;
  /** Reads the changes committed by now; resolves with the position. Callers that wait at once share one query. */
  catchUp(): Promise<number>;
  /**
   * Resolves once the position is at least at a place that was read from the database, or came with a cursor.
   *
   * @throws DomainError CURSOR_EXPIRED where the place was lost meanwhile (O5)
   */
  reach(place: LogPlace): Promise<void>;
  /** Hands every batch of changes to the listener from now on: the next batch once all listeners are done with one. */
  onChanges(listener: ChangesListener): void;
  /**
   * O5: calls the listener, with the error for those who follow the log, when changes that were handed on are no longer in the
   * log, or others were missed. The tail goes on at the log's end.
   */
  onLost(listener: (error: DomainError) => void): void;
}

type ChangesListener = (changes: readonly Change[]) => void | Promise<void>;

/** The parameters of the event tail. */
export interface EventTailOptions {
  db: Database;
  /** How often the log is read without a notification: NOTIFY is only a hint. */
  pollMs: number;
  onWarning(message: string, error: unknown): void;
}

/** Starts at the log's present end; `close` resolves once no query is under way. */
export async function startEventTail(options: EventTailOptions): Promise<{ tail: EventTail; close(): Promise<void> }> {
  const { db, pollMs } = options;
  await openEventLog(db.logSql).catch((error: unknown) => {
    // The first change that can be written again sees to it.
    if (databaseFailureOf(error) === null) throw error;
    options.onWarning('the event log could not be checked for lost events', error);
  });
  const tail = new LogTail(options, await readLogBounds(db.logSql));
  const stopListening = await db.listen('muster_events', () => tail.wake());
  const poll = setInterval(() => tail.wake(), pollMs);
  tail.wake();
  return {
    tail,
    close: async () => {
      clearInterval(poll);
      await Promise.all([tail.close(), stopListening()]);
    },
  };
}

class LogTail implements EventTail {
  readonly #options: EventTailOptions;
  readonly #listeners: ChangesListener[] = [];
  readonly #lossListeners: ((error: DomainError) => void)[] = [];
  #log: LogState;
  #position: number;
  /** The read that is under way, and the next one, which waits for it. */
  #reading: Promise<number> | undefined;
  #queued: Promise<number> | undefined;
  #closed = false;

  constructor(options: EventTailOptions, { headSeq, ...log }: LogBounds) {
    this.#options = options;
    this.#log = log;
    this.#position = headSeq;
  }

  get log(): LogState {
    return this.#log;
  }

  get position(): number {
    return this.#position;
  }

  onChanges(listener: ChangesListener): void {
    this.#listeners.push(listener);
  }

  onLost(listener: (error: DomainError) => void): void {
    this.#lossListeners.push(listener);
  }

  async reach(place: LogPlace): Promise<void> {
    if (this.#position < place.seq) await this.catchUp();
    if (this.#position < place.seq || !hasPlace(this.#log, place)) throw cursorExpired(this.#log);
  }

  /** A read under way may have looked before the caller's event was committed, so only the next one counts. */
  catchUp(): Promise<number> {
    if (!this.#reading) {
      this.#reading = this.#readNew().finally(() => {
        this.#reading = undefined;
      });
      return this.#reading;
    }
    this.#queued ??= this.#reading
      .catch(() => {})
      .then(() => {
        this.#queued = undefined;
        return this.catchUp();
      });
    return this.#queued;
  }

  wake(): void {
    if (this.#closed) return;
    this.catchUp().catch((error: unknown) => this.#options.onWarning('the event log could not be read', error));
  }

  /** Resolves once no query is under way; later wake-ups do nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await (this.#queued ?? this.#reading)?.catch(() => {});
  }

  async #readNew(): Promise<number> {
    for (;;) {
      const read = await readEvents(this.#options.db.logSql, this.#position, batchSize);
      if (this.#hasLost(read)) {
        await this.#startAnew(read);
        continue;
      }
      const { log, rows } = read;
      this.#log = log;
      const last = rows.at(-1);
      if (!last) return this.#position;
      this.#position = last.seq as number;
      const changes = changesFromRows(rows);
      await Promise.all(this.#listeners.map((listener) => listener(changes)));
      if (rows.length < batchSize) return this.#position;
    }
  }

  #hasLost({ log, isBehind }: EventsRead): boolean {
    return isBehind || this.#position < log.trimmedThrough || !hasPlace(log, placeAt(this.#log, this.#position));
  }

  /** O5: goes on at the log's end, in another epoch, and has everybody start anew. */
  async #startAnew({ log, isBehind }: EventsRead): Promise<void> {
    const { db, onWarning } = this.#options;
    if (isBehind && log.epoch === this.#log.epoch) await renewEventLog(db.logSql, log.epoch);
    const { headSeq, ...renewed } = await readLogBounds(db.logSql);
    onWarning(
      `the event log goes on from event ${headSeq}, in epoch ${renewed.epoch}: events up to ${this.#position} had been read, ` +
        'of which some are no longer in it. Subscriptions end with CURSOR_EXPIRED, and start anew',
      undefined,
    );
    this.#log = renewed;
    this.#position = headSeq;
    for (const listener of this.#lossListeners) listener(cursorExpired(renewed));
  }
}
