import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { Entities } from './entities.ts';
import { createFrameQueue } from './frameQueue.ts';
import type { ListEvent, ListSource, PageInfo } from './listSource.ts';
import { openListWatch } from './listWatch.ts';
import { asRequestError, isLasting, type RequestError } from './requestError.ts';
import { createTally, type ListNews } from './tally.ts';
import { backOffMs, createTimers } from './timers.ts';

/** The states that must not look alike (K3); a list without rows is ready. */
type ListState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'error'; readonly error: RequestError }
  | { readonly kind: 'ready'; readonly ids: readonly string[]; readonly pageInfo: PageInfo };

/** A page of a list that is kept true. */
export interface LiveList {
  readonly state: ReadonlySignal<ListState>;
  readonly news: ReadonlySignal<ListNews>;
  /** Whether the page is being read again, while the one of before is shown. */
  readonly isReading: ReadonlySignal<boolean>;
  /** Reads the page again, as a click on the news does. */
  refresh(): void;
  close(): void;
}

export interface LiveListOptions {
  readonly entities: Pick<Entities, 'merge'>;
  readonly source: ListSource;
  /** Whether anybody can see the page (K9). */
  readonly isVisible: ReadonlySignal<boolean>;
  /** Called when history was lost, so that the page was read anew. */
  onHistoryLost(): void;
  /** Chance, for the pauses before attempts; 0 to 1. */
  readonly random?: () => number;
  /** Calls back before the next picture is drawn. */
  readonly nextFrame?: (callback: () => void) => void;
}

const refreshEveryMs = 2_000;
const countEveryMs = 5_000;
const longestPauseMs = 15_000;

/** Opens a list: reads its page, and keeps its rows true until it is closed. */
export function openLiveList(options: LiveListOptions): LiveList {
  const { entities, source, isVisible, random = Math.random, nextFrame = requestAnimationFrame } = options;
  const state = signal<ListState>({ kind: 'loading' });
  const tally = createTally();
  const news = signal(tally.news());
  const isReading = signal(false);
  const closing = new AbortController();
  const timers = createTimers();
  const queue = createFrameQueue(take, nextFrame);
  const watch = openListWatch({
    source,
    isVisible,
    random,
    onEvent: (event) => {
      tally.take(event);
      queue.add(event);
    },
    onHistoryLost: () => {
      options.onHistoryLost();
      void read();
    },
    onGone: () => void read(),
    onNarrow: countSoon,
  });
  let failures = 0;
  let lastReadAt = Number.NEGATIVE_INFINITY;

  async function read(): Promise<void> {
    timers.cancel('read');
    isReading.value = true;
    lastReadAt = performance.now();
    try {
      const { cursor, ids, totalCount, pageInfo } = await source.read(closing.signal);
      if (closing.signal.aborted) return;
      failures = 0;
      queue.clear();
      tally.begin(ids, totalCount);
      batch(() => {
        state.value = { kind: 'ready', ids, pageInfo };
        news.value = tally.news();
      });
      watch.begin(cursor, ids);
    } catch (thrown) {
      if (!closing.signal.aborted) readFailed(asRequestError(thrown));
    }
    isReading.value = false;
  }

  function readFailed(error: RequestError): void {
    if (state.peek().kind !== 'ready') state.value = { kind: 'error', error };
    if (!isLasting(error)) {
      timers.later('read', backOffMs(failures++, longestPauseMs, random), () => void read());
    }
  }

  function take(events: readonly ListEvent[]): void {
    for (const { row } of events) if (row && tally.shows(row.id)) entities.merge(row);
    news.value = tally.news();
    const waitMs = Math.max(0, lastReadAt + refreshEveryMs - performance.now());
    if (isWorn(state.peek(), news.peek())) timers.later('read', waitMs, () => void read());
  }

  function countSoon(): void {
    timers.later('count', countEveryMs, async () => {
      tally.recount(await source.count(closing.signal).catch(() => news.peek().totalCount));
      news.value = tally.news();
      countSoon();
    });
  }

  void read();
  return {
    state,
    news,
    isReading,
    refresh: () => void read(),
    close: () => {
      closing.abort();
      timers.close();
      watch.close();
    },
  };
}

/** Whether so few of the rows shown are left that the page is read again by itself. */
function isWorn(state: ListState, { added, gone }: ListNews): boolean {
  const shown = state.kind === 'ready' ? state.ids.length : 0;
  return shown === 0 ? added > 0 : gone.size * 2 > shown;
}
