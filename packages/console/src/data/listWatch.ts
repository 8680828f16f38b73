import type { ReadonlySignal } from '@preact/signals';
import type { ListEvent, ListSource } from './listSource.ts';
import type { RequestError } from './requestError.ts';
import { backOffMs, createTimers } from './timers.ts';

/** Watches a list from a page on, over lost connections and hidden tabs. */
export interface ListWatch {
  /** Begins, or begins anew, behind a page that was read. */
  begin(cursor: string, shown: readonly string[]): void;
  /** Whether so much happens that only the rows shown are watched. */
  isNarrow(): boolean;
  close(): void;
}

export interface ListWatchOptions {
  readonly source: Pick<ListSource, 'watch'>;
  /** Whether anybody can see the page (K9). */
  readonly isVisible: ReadonlySignal<boolean>;
  onEvent(event: ListEvent): void;
  /** Called when the history no longer has the last cursor. */
  onHistoryLost(): void;
  /** Called some time after the server has said that there is nothing to watch. */
  onGone(): void;
  /** Called when only the rows shown are watched from now on. */
  onNarrow(): void;
  /** Chance, for the pauses before attempts; 0 to 1. */
  random: () => number;
}

/** Past it, only the rows on the page are watched, and the others counted. */
const mostEventsPerSecond = 200;
const longestPauseMs = 30_000;
/** A page that nobody sees is watched no longer than this. */
const unseenMs = 60_000;

export function openListWatch(options: ListWatchOptions): ListWatch {
  const { source, isVisible, onEvent, onHistoryLost, onGone, onNarrow, random } = options;
  const timers = createTimers();
  const isTooMuch = createRate(mostEventsPerSecond);
  let cursor: string | null = null;
  let shown: readonly string[] = [];
  let end: (() => void) | null = null;
  let isNarrow = false;
  let isHidden = false;
  let failures = 0;

  function watch(): void {
    stop();
    const from = cursor;
    if (from === null || isHidden) return;
    end = source.watch(() => cursor ?? from, isNarrow ? shown : null, { event: receive, failed });
  }

  function stop(): void {
    end?.();
    end = null;
  }

  function receive(event: ListEvent): void {
    cursor = event.cursor;
    failures = 0;
    if (event.type === 'BOOKMARK') return;
    onEvent(event);
    if (isNarrow || !isTooMuch()) return;
    isNarrow = true;
    timers.later('watch', 0, watch);
    onNarrow();
  }

  function failed({ code }: RequestError): void {
    stop();
    const next = code === 'NOT_FOUND' ? onGone : watch;
    if (code === 'CURSOR_EXPIRED') onHistoryLost();
    else if (code !== 'UNAUTHENTICATED') timers.later('watch', backOffMs(failures++, longestPauseMs, random), next);
  }

  function hide(): void {
    isHidden = true;
    stop();
  }

  function show(): void {
    timers.cancel('hide');
    if (!isHidden) return;
    isHidden = false;
    watch();
  }

  const stopSeeing = isVisible.subscribe((visible) => (visible ? show() : timers.later('hide', unseenMs, hide)));
  return {
    begin: (from, ids) => {
      cursor = from;
      shown = ids;
      timers.cancel('watch');
      watch();
    },
    isNarrow: () => isNarrow,
    close: () => {
      stopSeeing();
      timers.close();
      stop();
    },
  };
}

/** Counts calls in each second. @returns whether this one is more than `most` */
function createRate(most: number): () => boolean {
  let second = 0;
  let calls = 0;
  return () => {
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) calls = 0;
    second = now;
    return ++calls > most;
  };
}
