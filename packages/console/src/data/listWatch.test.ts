import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ListListener } from './listSource.ts';
import { openListWatch } from './listWatch.ts';
import { RequestError } from './requestError.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A watch over a source that notes how it is watched. */
function openWatch() {
  const watched: { after: string; ids: readonly string[] | null; hasEnded: boolean }[] = [];
  let listener: ListListener | undefined;
  const isVisible = signal(true);
  const onHistoryLost = vi.fn();
  const onGone = vi.fn();
  const watch = openListWatch({
    source: {
      watch: (after, ids, on) => {
        const entry = { after: after(), ids, hasEnded: false };
        watched.push(entry);
        listener = on;
        return () => {
          entry.hasEnded = true;
        };
      },
    },
    isVisible,
    onEvent: () => {},
    onHistoryLost,
    onGone,
    onNarrow: () => {},
    random: () => 1,
  });
  const event = (cursor: string) => listener?.event({ type: 'MODIFIED', cursor, id: 'a', row: null });
  return {
    watch,
    watched,
    isVisible,
    onHistoryLost,
    onGone,
    event,
    failed: (code: string) => listener?.failed(new RequestError(code, '')),
  };
}

test('K9: a tab that nobody sees for 60 s watches nothing, and goes on from its cursor when it is seen again', () => {
  const { watch, watched, isVisible, event } = openWatch();
  watch.begin('1', ['a']);
  event('2');
  isVisible.value = false;
  vi.advanceTimersByTime(59_000);
  expect(watched).toEqual([{ after: '1', ids: null, hasEnded: false }]);
  vi.advanceTimersByTime(1_000);
  expect(watched[0]?.hasEnded).toBe(true);
  isVisible.value = true;
  expect(watched[1]).toEqual({ after: '2', ids: null, hasEnded: false });
});

test('K9: a tab that is seen again within 60 s has missed nothing', () => {
  const { watch, watched, isVisible } = openWatch();
  watch.begin('1', ['a']);
  isVisible.value = false;
  vi.advanceTimersByTime(59_000);
  isVisible.value = true;
  vi.advanceTimersByTime(60_000);
  expect(watched).toHaveLength(1);
});

test('K2: after SLOW_CONSUMER it goes on from the last cursor, with pauses that grow while it fails', () => {
  const { watch, watched, event, failed } = openWatch();
  watch.begin('1', ['a']);
  event('5');
  failed('SLOW_CONSUMER');
  vi.advanceTimersByTime(500);
  expect(watched[1]).toEqual({ after: '5', ids: null, hasEnded: false });
  failed('UNAVAILABLE');
  vi.advanceTimersByTime(999);
  expect(watched).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(watched).toHaveLength(3);
});

test('a history that has lost the cursor is said, and not asked for again', () => {
  const { watch, watched, failed, onHistoryLost } = openWatch();
  watch.begin('1', ['a']);
  failed('CURSOR_EXPIRED');
  vi.advanceTimersByTime(100_000);
  expect(onHistoryLost).toHaveBeenCalledOnce();
  expect(watched).toHaveLength(1);
});

test('K2: where there is nothing to watch any more, that is found out by reading again', () => {
  const { watch, watched, failed, onGone } = openWatch();
  watch.begin('1', ['a']);
  failed('NOT_FOUND');
  vi.advanceTimersByTime(500);
  expect(onGone).toHaveBeenCalledOnce();
  expect(watched).toHaveLength(1);
});

test('past 200 events a second only the rows shown are watched', () => {
  const { watch, watched, event } = openWatch();
  watch.begin('1', ['a', 'b']);
  for (let n = 2; n <= 202; n++) event(String(n));
  vi.advanceTimersByTime(1);
  expect(watched.at(-1)).toEqual({ after: '202', ids: ['a', 'b'], hasEnded: false });
  expect(watched[0]?.hasEnded).toBe(true);
});
