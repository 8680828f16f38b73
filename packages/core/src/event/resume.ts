import type { CoreInternals } from '../core.ts';
import { type Change, changesFromRows } from './change.ts';
import { cursorExpired, decodeCursor } from './cursor.ts';
import type { Effort } from './effort.ts';
import { hasPlace, type LogPlace, placeAt } from './epochs.ts';
import { type Feed, type FeedStart, itemsOf, type Sequenced } from './feed.ts';
import { type EventsRead, readEvents } from './sql/readEvents.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

/** Events that one statement reads: each reader holds them until its client has read their items. */
const batchSize = 100;
/** The comparisons that reading an event counts as. */
const comparisonsPerEvent = 100;

/**
 * The place that a client's cursor names; null without a cursor.
 *
 * @throws DomainError BAD_USER_INPUT or CURSOR_EXPIRED for a cursor that can't be resumed from (E3).
 */
export async function readResumePlace(
  core: CoreInternals,
  cursor: string | null | undefined,
): Promise<LogPlace | null> {
  return cursor == null ? null : decodeCursor(cursor, await readLogBounds(core.db.sql));
}

/** Starts with the next change. Changes committed earlier are not sent, even those that the tail has yet to read. */
export async function startNow<Item extends Sequenced>(core: CoreInternals): Promise<FeedStart<Item>> {
  const now = await core.hub.tail.catchUp();
  return { initialItems: nothing(), resumeSeq: now, liveAfterSeq: () => now };
}

/** Starts after a cursor's place: with history up to the tail's position, and live changes from there (E3). */
export async function startAfter<Item extends Sequenced>(
  core: CoreInternals,
  after: LogPlace,
  meaning: Pick<Feed<Item>, 'meaningOf' | 'effort'>,
): Promise<FeedStart<Item>> {
  await core.hub.tail.reach(after);
  const { log, position: switchoverSeq } = core.hub.tail;
  const until = placeAt(log, switchoverSeq);
  return {
    initialItems: itemsBetween(core, { after, until, ...meaning }),
    resumeSeq: after.seq,
    liveAfterSeq: () => switchoverSeq,
  };
}

/**
 * Makes sure that live changes join rows that were read from the database: that neither side lacks a part of the other's
 * history (O5).
 *
 * @param head the place in the log that the rows are as of
 * @param fromSeq the tail's position before they were read
 * @throws DomainError CURSOR_EXPIRED where they don't join, so that the reader starts anew
 */
export async function joinLive({ hub }: CoreInternals, head: LogPlace, fromSeq: number): Promise<void> {
  if (head.seq < fromSeq) throw cursorExpired(hub.tail.log);
  await hub.tail.reach(head);
}

/** The points of the pacer that a change of history takes, its items apart. */
const pointsPerChange = 10;
/** History is read for all in turns, so that a long one delays nothing else. */
const historyKey = 'history';

/** A part of history, and its meaning to a feed. */
export interface HistoryOptions<Item extends Sequenced> {
  readonly after: LogPlace;
  /** The last change that is read from history; live changes take over after it. */
  readonly until: LogPlace;
  meaningOf: Feed<Item>['meaningOf'];
  /** Counts the reading of events, of which most may mean nothing (W8). */
  readonly effort: Effort;
  /** Which items to send; all by default. */
  isNew?: (item: Item, change: Change) => boolean;
}

/**
 * The items of the changes after a place, up to and with another.
 *
 * @throws DomainError CURSOR_EXPIRED if trimming overtakes the reader, or a part of the history was lost (O5)
 */
export async function* itemsBetween<Item extends Sequenced>(
  core: CoreInternals,
  { after, until, meaningOf, effort, isNew = () => true }: HistoryOptions<Item>,
): AsyncGenerator<Item, undefined> {
  for (let place = after; place.seq < until.seq; ) {
    const read = await readEvents(core.db.sql, place.seq, batchSize);
    refuseGap(read, place, until);
    const { log, rows } = read;
    effort.add(comparisonsPerEvent * rows.length);
    await effort.pay();
    for (const change of changesFromRows(rows)) {
      if (change.seq > until.seq) break;
      await core.pacer.take(historyKey, pointsPerChange);
      for (const item of await itemsOf(meaningOf(change) ?? [])) {
        if (isNew(item, change)) yield item;
      }
    }
    place = placeAt(log, (rows.at(-1)?.seq as number | undefined) ?? until.seq);
  }
}

/**
 * A reader so slow that trimming overtakes it, or one whose place was lost, would otherwise see a silent gap; and one that
 * begins before a part that was lost, others' events in the place of that part.
 */
function refuseGap({ log, isBehind }: EventsRead, place: LogPlace, until: LogPlace): void {
  const isGap = isBehind || place.seq < log.trimmedThrough;
  if (isGap || !hasPlace(log, place) || !hasPlace(log, until)) throw cursorExpired(log);
}

async function* nothing(): AsyncGenerator<never, undefined> {}
