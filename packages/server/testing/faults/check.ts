import type { Follower } from './follower.ts';
import type { LoggedEvent } from './truth.ts';

export interface Expectation {
  cursor: string;
  what: string;
}

/** The events that a follower must have received, by the log. */
export function expectationsOf(
  { interest, start }: Follower,
  events: readonly LoggedEvent[],
  cursors: ReadonlyMap<number, string>,
): Expectation[] {
  const startSeq = [...cursors].find(([, cursor]) => cursor === start)?.[0];
  if (startSeq === undefined) throw new Error(`${interest.name}: began at ${start}, which is no event's cursor`);
  return events.flatMap((event) => {
    const what = event.seq > startSeq ? interest.expected(event) : null;
    return what === null ? [] : [{ cursor: cursors.get(event.seq) ?? '', what }];
  });
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
