import { useEffect, useMemo } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import type { ListSource } from './listSource.ts';
import { type LiveList, openLiveList } from './liveList.ts';

/**
 * The list of a view, kept true while the view is shown.
 *
 * @param source where it comes from; another one begins the list anew, so it stays the same while nothing changes (`useMemo`)
 */
export function useLiveList(source: ListSource): LiveList {
  const { entities, clock, toasts } = useServices();
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
  return list;
}
