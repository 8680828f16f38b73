import type { CoreInternals } from '../core.ts';
import { type Change, changeFromRow } from './change.ts';
import { cursorExpired, decodeCursor } from './cursor.ts';
import type { Feed, FeedStart, Sequenced } from './feed.ts';
import { readEvents } from './sql/readEvents.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

const batchSize = 500;

/** @throws DomainError BAD_USER_INPUT or CURSOR_EXPIRED: where a cursor can't be resumed from (E3). */
export async function resumePoint(core: CoreInternals, after: string): Promise<number> {
  return decodeCursor(after, await readLogBounds(core.db.sql));
}

/** From now on. What was committed before now is not news, even where the tail hasn't read it yet. */
export async function beginNow<Item extends Sequenced>(core: CoreInternals): Promise<FeedStart<Item>> {
  const now = await core.hub.tail.catchUp();
  return { first: nothing(), place: now, newsAfter: () => now };
}

/** All after `start`, from history as far as the tail has come, and then live (E3). */
export function beginAfter<Item extends Sequenced>(
  core: CoreInternals,
  start: number,
  feed: Pick<Feed<Item>, 'concerns' | 'itemsOf'>,
): FeedStart<Item> {
  const joint = Math.max(start, core.hub.tail.position);
  return {
    first: itemsBetween(core, start, joint, feed),
    place: start,
    newsAfter: () => joint,
  };
}

/**
 * What the log tells of the changes after `start` up to `joint`.
 *
 * @param isNews which of it; all by default
 * @throws DomainError CURSOR_EXPIRED
 */
export async function* itemsBetween<Item extends Sequenced>(
  core: CoreInternals,
  start: number,
  joint: number,
  feed: Pick<Feed<Item>, 'concerns' | 'itemsOf'>,
  isNews: (item: Item, change: Change) => boolean = () => true,
): AsyncGenerator<Item, undefined> {
  for (let position = start; position < joint; ) {
    const changes = (await readEvents(core.db.sql, position, batchSize)).map(changeFromRow);
    await refuseTrimmed(core, position);
    for (const change of changes) {
      if (change.seq > joint || !feed.concerns(change)) continue;
      for (const item of await feed.itemsOf(change)) {
        if (isNews(item, change)) yield item;
      }
    }
    position = changes.at(-1)?.seq ?? joint;
  }
}

/** A reader so slow that trimming overtakes it would otherwise see a silent gap. */
async function refuseTrimmed(core: CoreInternals, position: number): Promise<void> {
  const { logId, trimmedThrough } = await readLogBounds(core.db.sql);
  if (position < trimmedThrough) throw cursorExpired(logId, trimmedThrough);
}

async function* nothing(): AsyncGenerator<never, undefined> {}
