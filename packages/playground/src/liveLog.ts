/** One line of a log. */
export interface LiveEntry {
  readonly id: number;
  readonly at: Date;
  readonly kind: 'event' | 'error' | 'note';
  /** An event's or a failed result's fields; or a text. */
  readonly content: unknown;
}

/** How a stream does. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'ended';

/** The events of one subscription. */
export interface LiveLog {
  readonly state: LiveState;
  /** How many events came, those among them that are no longer kept. */
  readonly events: number;
  /** The last entries, newest first. */
  readonly entries: readonly LiveEntry[];
}

/** The most entries that are kept. */
export const mostEntries = 100;

/** The log of a subscription that was just begun. */
export const newLog: LiveLog = { state: 'connecting', events: 0, entries: [] };

/** A log with one more entry. */
export function withEntry(log: LiveLog, kind: LiveEntry['kind'], content: unknown, at: Date): LiveLog {
  const id = (log.entries[0]?.id ?? 0) + 1;
  return {
    ...log,
    events: log.events + (kind === 'event' ? 1 : 0),
    entries: [{ id, at, kind, content }, ...log.entries.slice(0, mostEntries - 1)],
  };
}

/** The fields of an event as pairs of a path and a value, for a line. */
export function fieldsOf(content: unknown, path = ''): (readonly [string, string])[] {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return [[path, typeof content === 'string' ? content : JSON.stringify(content)]];
  }
  return Object.entries(content).flatMap(([name, value]) => fieldsOf(value, path === '' ? name : `${path}.${name}`));
}
