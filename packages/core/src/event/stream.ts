import type { Core } from '../core.ts';
import type { Subscription } from './changeQueue.ts';
import type { Feed, FeedStart, Sequenced } from './feed.ts';
import type { EventHub } from './hub.ts';

/** How long an idle watcher may go without a word on how far the log has come (api.md: at least every 30 s). */
const bookmarkIntervalMs = 25_000;

/**
 * A feed as one subscriber's stream, with a bounded queue of its own (E5). It is open when this resolves: nothing is
 * lost until the first `next`. It ends with UNAUTHENTICATED when its viewer's right to it ends (E6).
 *
 * @throws DomainError CURSOR_EXPIRED where the feed can't begin.
 */
export async function openStream<Item extends Sequenced>(
  { hub, access }: Pick<Core, 'hub' | 'access'>,
  feed: Feed<Item>,
): Promise<AsyncIterableIterator<Item>> {
  const live = hub.attach((change) => feed.concerns(change), feed.start ?? 0);
  const ended = Promise.withResolvers<never>();
  // Nobody may be waiting when it ends.
  ended.promise.catch(() => {});
  const release = access.rights.watch(feed.viewer, ended.reject);
  const leave = async () => {
    release();
    await live.return?.();
  };
  try {
    const items = follow({ hub, feed, live, beginning: await feed.begin(), ended: ended.promise, leave });
    return endable(items, leave);
  } catch (error) {
    await leave();
    throw error;
  }
}

interface Following<Item extends Sequenced> {
  hub: EventHub;
  feed: Feed<Item>;
  live: Subscription;
  beginning: FeedStart<Item>;
  /** Rejects when the viewer's right ends (E6). */
  ended: Promise<never>;
  leave(): Promise<void>;
}

async function* follow<Item extends Sequenced>({
  hub,
  feed,
  live,
  beginning,
  ended,
  leave,
}: Following<Item>): AsyncGenerator<Item, undefined> {
  const pause = createPause(feed.bookmark(0) === null ? null : bookmarkIntervalMs);
  try {
    const reached = yield* takeFirst(beginning, live);
    for (let coming = live.next(); ; ) {
      const next = await Promise.race([coming, pause.passed(), ended]);
      if (next === 'passed') {
        // The queue is empty, so everything up to the tail's position has been sent or wasn't wanted. A snapshot may
        // have been read further than that, and a cursor never goes back.
        const bookmark = feed.bookmark(Math.max(reached, hub.tail.position));
        if (bookmark !== null) yield bookmark;
        continue;
      }
      if (next.done) return;
      if (next.value.seq > beginning.newsAfter()) yield* await feed.itemsOf(next.value);
      coming = live.next();
    }
  } finally {
    pause.stop();
    // Nobody calls `return` on an iterator that threw.
    await leave();
  }
}

/** What comes first, after which it is known how far the subscriber has come, whatever waits in its queue. */
async function* takeFirst<Item extends Sequenced>(
  beginning: FeedStart<Item>,
  live: Subscription,
): AsyncGenerator<Item, number> {
  let reached = beginning.place ?? 0;
  for await (const item of beginning.first) {
    reached = item.seq;
    yield item;
  }
  live.reach(reached);
  return reached;
}

/**
 * A generator that waits for its next value can't be ended from outside, and one that never started doesn't run its
 * `finally`: so `return` ends what it waits for first.
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

/** A pause that can be waited for again and again, with one timer. Without a length it never passes. */
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
