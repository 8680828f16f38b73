import type { CoreInternals } from '../core.ts';
import { type Change, changesFromRows } from './change.ts';
import { cursorExpired, decodeCursor } from './cursor.ts';
import type { Effort } from './effort.ts';
import { type Feed, type FeedStart, itemsOf, type Sequenced } from './feed.ts';
import { readEvents } from './sql/readEvents.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

/** Events that one statement reads: each reader holds them until its client has read their items. */
const batchSize = 100;
/** The comparisons that reading an event counts as. */
const comparisonsPerEvent = 100;

/**
 * The sequence number that a client's cursor names.
 *
 * @throws DomainError BAD_USER_INPUT or CURSOR_EXPIRED for a cursor that can't be resumed from (E3).
 */
export async function readResumeSeq(core: CoreInternals, cursor: string): Promise<number> {
  return decodeCursor(cursor, await readLogBounds(core.db.sql));
}

/** Starts with the next change. Changes committed earlier are not sent, even those that the tail has yet to read. */
export async function startNow<Item extends Sequenced>(core: CoreInternals): Promise<FeedStart<Item>> {
  const now = await core.hub.tail.catchUp();
  return { initialItems: nothing(), resumeSeq: now, liveAfterSeq: () => now };
}

/** Starts after a cursor: with history up to the tail's position, and live changes from there (E3). */
export function startAfter<Item extends Sequenced>(
  core: CoreInternals,
  afterSeq: number,
  meaning: Pick<Feed<Item>, 'meaningOf' | 'effort'>,
): FeedStart<Item> {
  const switchoverSeq = Math.max(afterSeq, core.hub.tail.position);
  return {
    initialItems: itemsBetween(core, { afterSeq, switchoverSeq, ...meaning }),
    resumeSeq: afterSeq,
    liveAfterSeq: () => switchoverSeq,
  };
}

/** The points of the pacer that a change of history takes, its items apart. */
const pointsPerChange = 10;
/** History is read for all in turns, so that a long one delays nothing else. */
const historyKey = 'history';

/** A part of history, and its meaning to a feed. */
export interface HistoryOptions<Item extends Sequenced> {
  readonly afterSeq: number;
  /** The last change that is read from history; live changes take over after it. */
  readonly switchoverSeq: number;
  meaningOf: Feed<Item>['meaningOf'];
  /** Counts the reading of events, of which most may mean nothing (W8). */
  readonly effort: Effort;
  /** Which items to send; all by default. */
  isNew?: (item: Item, change: Change) => boolean;
}

/**
 * The items of the changes after `afterSeq` up to `switchoverSeq`.
 *
 * @throws DomainError CURSOR_EXPIRED if trimming overtakes the reader
 */
export async function* itemsBetween<Item extends Sequenced>(
  core: CoreInternals,
  { afterSeq, switchoverSeq, meaningOf, effort, isNew = () => true }: HistoryOptions<Item>,
): AsyncGenerator<Item, undefined> {
  for (let position = afterSeq; position < switchoverSeq; ) {
    const rows = await readEvents(core.db.sql, position, batchSize);
    await refuseTrimmed(core, position);
    effort.add(comparisonsPerEvent * rows.length);
    await effort.pay();
    for (const change of changesFromRows(rows)) {
      if (change.seq > switchoverSeq) break;
      await core.pacer.take(historyKey, pointsPerChange);
      for (const item of await itemsOf(meaningOf(change) ?? [])) {
        if (isNew(item, change)) yield item;
      }
    }
    position = (rows.at(-1)?.seq as number | undefined) ?? switchoverSeq;
  }
}

/** A reader so slow that trimming overtakes it would otherwise see a silent gap. */
async function refuseTrimmed(core: CoreInternals, position: number): Promise<void> {
  const { logId, trimmedThrough } = await readLogBounds(core.db.sql);
  if (position < trimmedThrough) throw cursorExpired(logId, trimmedThrough);
}

async function* nothing(): AsyncGenerator<never, undefined> {}
