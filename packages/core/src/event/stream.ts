import type { Core } from '../core.ts';
import type { ChangeQueue } from './changeQueue.ts';
import { type Feed, type FeedStart, itemsOf, type Meaning, type Sequenced } from './feed.ts';
import type { EventHub } from './hub.ts';

/** How long an idle watcher waits for a bookmark (api.md: at least every 30 s). */
const bookmarkIntervalMs = 25_000;

/**
 * A feed as one subscriber's stream, with a bounded queue for it alone (E5). The stream is open when this resolves:
 * nothing is lost until the first `next`. It ends with UNAUTHENTICATED when its viewer's right ends (E6).
 *
 * @throws DomainError CURSOR_EXPIRED if the feed can't start.
 */
export async function openStream<Item extends Sequenced>(
  { hub, access }: Pick<Core, 'hub' | 'access'>,
  feed: Feed<Item>,
): Promise<AsyncIterableIterator<Item>> {
  const queue = hub.attach((change) => feed.meaningOf(change), feed.afterSeq ?? 0);
  const ended = Promise.withResolvers<never>();
  // The right may end while nobody waits for the next item.
  ended.promise.catch(() => {});
  const stopWatchingRight = access.rights.watch(feed.viewer, ended.reject);
  const leave = async () => {
    stopWatchingRight();
    await queue.return();
  };
  try {
    const items = follow({ hub, feed, queue, start: await feed.start(), ended: ended.promise, leave });
    return endable(items, leave);
  } catch (error) {
    await leave();
    throw error;
  }
}

interface Following<Item extends Sequenced> {
  hub: EventHub;
  feed: Feed<Item>;
  queue: ChangeQueue<Meaning<Item>>;
  start: FeedStart<Item>;
  /** Rejects when the viewer's right ends (E6). */
  ended: Promise<never>;
  leave(): Promise<void>;
}

async function* follow<Item extends Sequenced>({
  hub,
  feed,
  queue,
  start,
  ended,
  leave,
}: Following<Item>): AsyncGenerator<Item, undefined> {
  const pause = createPause(feed.bookmark(0) === null ? null : bookmarkIntervalMs);
  try {
    const reachedSeq = yield* takeInitialItems(start, queue);
    for (let coming = queue.next(); ; ) {
      const next = await Promise.race([coming, pause.passed(), ended]);
      if (next === 'passed') {
        // The queue is empty, so every change up to the hub's position was sent or meant nothing. A snapshot may have
        // been read further than that, and a cursor never goes back.
        const bookmark = feed.bookmark(Math.max(reachedSeq, hub.position));
        if (bookmark !== null) yield bookmark;
        continue;
      }
      if (next.done) return;
      if (next.value.seq > start.liveAfterSeq()) yield* await itemsOf(next.value.meaning);
      coming = queue.next();
    }
  } finally {
    pause.stop();
    // Nobody calls `return` on an iterator that threw.
    await leave();
  }
}

/** Sends the initial items, then drops the queued changes that they cover; returns the last sequence number sent. */
async function* takeInitialItems<Item extends Sequenced>(
  start: FeedStart<Item>,
  queue: ChangeQueue<Meaning<Item>>,
): AsyncGenerator<Item, number> {
  let reachedSeq = start.resumeSeq ?? 0;
  for await (const item of start.initialItems) {
    reachedSeq = item.seq;
    yield item;
  }
  queue.skipTo(reachedSeq);
  return reachedSeq;
}

/**
 * A generator that waits for its next value can't be ended from outside, and one that never started doesn't run its
 * `finally`: so `return` first ends the queue that the generator waits for.
 */
function endable<Item>(
  items: AsyncGenerator<Item, undefined>,
  leave: () => Promise<void>,
): AsyncIterableIterator<Item> {
  return {
    next: () => items.next(),
    return: async () => {
      await leave();
      return items.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** A pause that can be awaited again and again, with one timer. Without a length it never passes. */
function createPause(ms: number | null): { passed(): Promise<'passed'>; stop(): void } {
  let waiting = Promise.withResolvers<'passed'>();
  const timer =
    ms === null
      ? undefined
      : setInterval(() => {
          waiting.resolve('passed');
          waiting = Promise.withResolvers();
        }, ms).unref();
  return { passed: () => waiting.promise, stop: () => clearInterval(timer) };
}
