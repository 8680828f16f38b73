import type { Core } from '../core.ts';
import { readEvents } from '../sql/readEvents.ts';
import { readLogBounds } from '../sql/readLogBounds.ts';
import { type Change, changeFromRow } from './change.ts';
import { cursorExpired, decodeCursor } from './cursor.ts';
import type { Subscription } from './subscription.ts';

const historyBatch = 500;

/**
 * The changes that `wants` accepts, in order: from now on, or, with a cursor, all after it (E3). History and live
 * changes join without gap or overlap: the subscription is attached first, at the tail's position, history is read
 * up to that position, and the subscription goes on from there.
 *
 * @throws DomainError BAD_USER_INPUT or CURSOR_EXPIRED for the cursor, before anything is sent.
 */
export async function followChanges(
  core: Core,
  wants: (change: Change) => boolean,
  after?: string | null,
): Promise<AsyncIterableIterator<Change>> {
  if (after == null) {
    // What was committed before now is not news, even where the tail hasn't read it yet.
    const now = await core.hub.tail.catchUp();
    return core.hub.attach(wants, now);
  }
  const start = decodeCursor(after, await readLogBounds(core.db.sql));
  const live = core.hub.attach(wants, start);
  return withReturn(resume(core, wants, start, core.hub.tail.position, live), live);
}

async function* resume(
  core: Core,
  wants: (change: Change) => boolean,
  start: number,
  joint: number,
  live: Subscription,
): AsyncGenerator<Change, undefined> {
  try {
    for (let position = start; position < joint; ) {
      const batch = (await readEvents(core.db.sql, position, historyBatch)).map(changeFromRow);
      await refuseTrimmed(core, position);
      for (const change of batch) {
        if (change.seq <= joint && wants(change)) yield change;
      }
      position = batch.at(-1)?.seq ?? joint;
    }
    yield* live;
  } finally {
    // Nobody calls `return` on an iterator that threw.
    await live.return?.();
  }
}

/** A reader so slow that trimming overtakes it would otherwise see a silent gap. */
async function refuseTrimmed(core: Core, position: number): Promise<void> {
  const { logId, trimmedThrough } = await readLogBounds(core.db.sql);
  if (position < trimmedThrough) throw cursorExpired(logId, trimmedThrough);
}

/**
 * A generator that waits for its next value can't be ended from outside, and one that never started doesn't run its
 * `finally`: so `return` ends the subscription first.
 */
function withReturn(changes: AsyncGenerator<Change, undefined>, live: Subscription): AsyncIterableIterator<Change> {
  return {
    next: () => changes.next(),
    return: async () => {
      await live.return?.();
      return changes.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
