import { badUserInput, DomainError } from '../base/errors.ts';

/** The id of a log and how far it reaches: needed to validate a cursor. */
export interface LogBounds {
  logId: string;
  /** Events up to this sequence number may be gone. */
  trimmedThrough: number;
  /** The newest event's sequence number. A cursor beyond it comes from a log that has since been restored. */
  headSeq: number;
}

/** The text of a cursor: opaque to clients, and valid for one log only. */
export function encodeCursor(logId: string, seq: number): string {
  return Buffer.from(`${logId}.${seq}`).toString('base64url');
}

/**
 * The sequence number of a client's cursor.
 *
 * @throws DomainError BAD_USER_INPUT for a text that is no cursor; CURSOR_EXPIRED, with the oldest valid cursor,
 * for a cursor of another log, or of a time whose events have been trimmed (E3).
 */
export function decodeCursor(text: string, log: LogBounds, path: readonly string[] = ['after']): number {
  const match = /^([0-9a-f]{12})\.([0-9]{1,15})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (!match) {
    throw badUserInput(path, `expected a cursor that this server gave; got ${JSON.stringify(text.slice(0, 80))}`);
  }
  const seq = Number(match[2]);
  if (match[1] !== log.logId || seq < log.trimmedThrough || seq > log.headSeq) {
    throw cursorExpired(log.logId, log.trimmedThrough);
  }
  return seq;
}

/** CURSOR_EXPIRED, with the oldest valid cursor: a client never gets a silent gap (E3). */
export function cursorExpired(logId: string, trimmedThrough: number): DomainError {
  return new DomainError('CURSOR_EXPIRED', 'the events after this cursor are no longer kept; start anew', {
    oldestCursor: encodeCursor(logId, trimmedThrough),
  });
}
