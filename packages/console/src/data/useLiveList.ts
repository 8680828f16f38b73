import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import type { ListSource } from './listSource.ts';
import { type LiveList, openLiveList } from './liveList.ts';
import { onMove } from './onMove.ts';
import { readRowsAgain } from './readRowsAgain.ts';

/**
 * The list of a view, kept true while the view is shown.
 *
 * @param source where it comes from; another one begins the list anew, so it stays the same while nothing changes (`useMemo`)
 */
export function useLiveList(source: ListSource): LiveList {
  const { entities, socket, clock, toasts } = useServices();
  const list = useMemo(
    () =>
      openLiveList({
        entities,
        source,
        isVisible: clock.isVisible,
        onHistoryLost: () =>
          toasts.say('The changes since this page was read are no longer in the history, so it was read anew.'),
      }),
    [source, entities, clock, toasts],
  );
  useEffect(() => list.close, [list]);
  useEffect(() => {
    const closing = new AbortController();
    const stop = onMove(socket.returns, () => {
      const now = list.state.peek();
      if (now.kind === 'ready') socket.catchUpWith(readRowsAgain(source, now.ids, closing.signal, Math.random));
    });
    return () => {
      closing.abort();
      stop();
    };
  }, [list, source, socket]);
  const state = list.state.value;
  const before = useRef<LiveList | null>(null);
  if (state.kind === 'loading' && before.current !== null) {
    // The rows of before stay until those of another filter are there; "none" is said of no list but its own (K3).
    return { ...before.current, isReading: list.isReading, refresh: list.refresh };
  }
  before.current = state.kind === 'ready' && state.ids.length > 0 ? list : null;
  return list;
}
