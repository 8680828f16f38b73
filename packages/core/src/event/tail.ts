import type { Database } from '@muster/db';
import { type Change, changesFromRows } from './change.ts';
import { readEvents } from './sql/readEvents.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

/** Events that one statement reads. */
const batchSize = 500;

/** Follows the event log: one per process, however many subscribers (E4). Each change is handed on once, in order. */
export interface EventTail {
  readonly logId: string;
  /** The sequence number up to which every change has been read, and is handed on if it has not been. */
  readonly position: number;
  /** Reads the changes committed by now; resolves with the position. Callers that wait at once share one query. */
  catchUp(): Promise<number>;
  /** Hands every batch of changes to the listener from now on: the next batch once all listeners are done with one. */
  onChanges(listener: ChangesListener): void;
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
  const { logId, headSeq } = await readLogBounds(db.logSql);
  const tail = new LogTail(options, logId, headSeq);
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
  readonly logId: string;
  readonly #options: EventTailOptions;
  readonly #listeners: ChangesListener[] = [];
  #position: number;
  /** The read that is under way, and the next one, which waits for it. */
  #reading: Promise<number> | undefined;
  #queued: Promise<number> | undefined;
  #closed = false;

  constructor(options: EventTailOptions, logId: string, position: number) {
    this.logId = logId;
    this.#options = options;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  onChanges(listener: ChangesListener): void {
    this.#listeners.push(listener);
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
      const rows = await readEvents(this.#options.db.logSql, this.#position, batchSize);
      const last = rows.at(-1);
      if (!last) return this.#position;
      this.#position = last.seq as number;
      const changes = changesFromRows(rows);
      await Promise.all(this.#listeners.map((listener) => listener(changes)));
      if (rows.length < batchSize) return this.#position;
    }
  }
}
