import type { Reading } from './follower.ts';
import type { Interest } from './interest.ts';
import type { LoggedEvent } from './truth.ts';

export interface Expectation {
  cursor: string;
  what: string;
}

/** Events, oldest first, and their cursors by their numbers. */
export interface History {
  readonly events: readonly LoggedEvent[];
  readonly cursors: ReadonlyMap<number, string>;
}

/** The events that a follower must have received, by a history; null where the history doesn't have its start. */
export function expectationsOf(
  interest: Interest,
  { start, isFromOldest }: Omit<Reading, 'received'>,
  { events, cursors }: History,
): Expectation[] | null {
  const startSeq = isFromOldest ? 0 : [...cursors].find(([, cursor]) => cursor === start)?.[0];
  if (startSeq === undefined) return null;
  return events.flatMap((event) => {
    const what = event.seq > startSeq ? interest.expected(event) : null;
    return what === null ? [] : [{ cursor: cursors.get(event.seq) ?? '', what }];
  });
}

/** Whether a follower that began anew had received, one after the other, the events of one of these histories until then. */
export function isOfOne(histories: readonly History[], interest: Interest, reading: Reading): boolean {
  const { received } = reading;
  return (
    received.length === 0 ||
    histories.some((history) => {
      const due = expectationsOf(interest, reading, history);
      return due !== null && difference(due.slice(0, received.length), received) === null;
    })
  );
}

/** Describes how the received events differ from the expected ones, in a few words; null if they don't. */
export function difference(expected: readonly Expectation[], received: readonly Expectation[]): string | null {
  const at = expected.findIndex(({ cursor, what }, index) => {
    const other = received[index];
    return other?.cursor !== cursor || other.what !== what;
  });
  if (at < 0 && received.length <= expected.length) return null;
  const place = at < 0 ? expected.length : at;
  const told = new Set(received.map(({ cursor }) => cursor));
  const true_ = new Set(expected.map(({ cursor }) => cursor));
  return JSON.stringify({
    place,
    expected: expected.slice(place, place + 3),
    received: received.slice(place, place + 3),
    missing: expected.filter(({ cursor }) => !told.has(cursor)).length,
    toldTwice: received.length - told.size,
    madeUp: received.filter(({ cursor }) => !true_.has(cursor)).length,
  });
}
