import type { Database } from '@muster/db';
import { type Change, changeFromRow } from './change.ts';
import { readEvents } from './sql/readEvents.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

const batchSize = 500;

/**
 * Follows the event log: one a process, however many subscribers (E4). Each batch of events is handed on once, in
 * order.
 */
export interface EventTail {
  readonly logId: string;
  /** The place up to which everything has been handed on. */
  readonly position: number;
  /** Reads what is new by now, and resolves with the position. Callers that ask at once share one query. */
  catchUp(): Promise<number>;
  onChanges(listener: (changes: readonly Change[]) => void): void;
}

export interface EventTailOptions {
  db: Database;
  /** How often the log is read though nobody woke the tail: NOTIFY is only a hint. */
  pollMs: number;
  onWarning(message: string, error: unknown): void;
}

/** Starts at the log's present end; `close` resolves once no query is under way. */
export async function startEventTail(options: EventTailOptions): Promise<{ tail: EventTail; close(): Promise<void> }> {
  const { db } = options;
  const listeners: ((changes: readonly Change[]) => void)[] = [];
  const bounds = await readLogBounds(db.logSql);
  let position = bounds.headSeq;
  let reading: Promise<number> | undefined;
  let queued: Promise<number> | undefined;
  let closed = false;

  async function readNew(): Promise<number> {
    for (;;) {
      const changes = (await readEvents(db.logSql, position, batchSize)).map(changeFromRow);
      const last = changes.at(-1);
      if (!last) return position;
      position = last.seq;
      for (const listener of listeners) listener(changes);
      if (changes.length < batchSize) return position;
    }
  }

  /** A read that is under way may have looked before the caller's event was committed, so the next one counts. */
  function catchUp(): Promise<number> {
    if (!reading) {
      reading = readNew().finally(() => {
        reading = undefined;
      });
      return reading;
    }
    queued ??= reading
      .catch(() => {})
      .then(() => {
        queued = undefined;
        return catchUp();
      });
    return queued;
  }

  function wake(): void {
    if (closed) return;
    catchUp().catch((error: unknown) => options.onWarning('the event log could not be read', error));
  }

  const stopListening = await db.listen('muster_events', wake);
  const poll = setInterval(wake, options.pollMs);
  wake();
  return {
    tail: {
      logId: bounds.logId,
      get position() {
        return position;
      },
      catchUp,
      onChanges: (listener) => void listeners.push(listener),
    },
    close: async () => {
      closed = true;
      clearInterval(poll);
      await stopListening();
      await (queued ?? reading)?.catch(() => {});
    },
  };
}
