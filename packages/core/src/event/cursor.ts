import { badUserInput, DomainError } from '../base/errors.ts';
import { hasPlace, type LogEpochs, type LogPlace, placeAt } from './epochs.ts';

/** The epochs of a log, and where its history begins. */
export interface LogState extends LogEpochs {
  /** Events up to this sequence number may be gone. */
  readonly trimmedThrough: number;
}

/** A log from its first event to its last: needed to validate a cursor. */
export interface LogBounds extends LogState {
  /** The newest event's sequence number. */
  readonly headSeq: number;
}

/** The epoch of cursors of the first format, which had none. */
const firstEpoch = '1';

/**
 * The text of a cursor: opaque to clients, and valid for one log only. It is the base64url form of
 * `v2.<log id>.<epoch>.<sequence number>`: a list of several such places, for a cursor of several logs, would be `v3`.
 */
export function encodeCursor(log: LogEpochs, seq: number): string {
  return Buffer.from(`v2.${log.logId}.${placeAt(log, seq).epoch}.${seq}`).toString('base64url');
}

const formats = [
  /^v2\.(?<logId>[0-9a-f]{12})\.(?<epoch>[0-9]{1,9}(-[0-9a-f]{8})?)\.(?<seq>[0-9]{1,15})$/,
  // v1
  /^(?<logId>[0-9a-f]{12})\.(?<seq>[0-9]{1,15})$/,
];

/**
 * The place that a client's cursor names.
 *
 * @throws DomainError BAD_USER_INPUT for a text that is no cursor; CURSOR_EXPIRED, with the oldest valid cursor,
 * for a cursor of another log, of a part of this one that was lost (O5), or of a time whose events have been trimmed (E3).
 */
export function decodeCursor(text: string, log: LogBounds, path: readonly string[] = ['after']): LogPlace {
  const decoded = Buffer.from(text, 'base64url').toString('latin1');
  const parts = formats.map((format) => format.exec(decoded)?.groups).find((groups) => groups !== undefined);
  if (!parts) {
    throw badUserInput(path, `expected a cursor that this server gave; got ${JSON.stringify(text.slice(0, 80))}`);
  }
  const place = { epoch: parts.epoch ?? firstEpoch, seq: Number(parts.seq) };
  const isKept = place.seq >= log.trimmedThrough && place.seq <= log.headSeq;
  if (parts.logId !== log.logId || !isKept || !hasPlace(log, place)) throw cursorExpired(log);
  return place;
}

/** CURSOR_EXPIRED, with the oldest valid cursor: a client never gets a silent gap (E3). */
export function cursorExpired(log: LogState): DomainError {
  return new DomainError('CURSOR_EXPIRED', 'the events after this cursor are no longer kept; start anew', {
    oldestCursor: encodeCursor(log, log.trimmedThrough),
  });
}
