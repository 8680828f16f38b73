import { useEffect } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import type { ListSource } from './listSource.ts';
import type { LiveList } from './liveList.ts';
import { useLiveList } from './useLiveList.ts';

/** The list of a view whose source is a `tickedSource`. Changes that were asked for on this page show at once. */
export function useTickedList(source: ListSource): LiveList {
  const { ownChanges } = useServices();
  const list = useLiveList(source);
  useEffect(() => {
    let isFirst = true;
    return ownChanges.subscribe(() => {
      if (!isFirst) list.refresh();
      isFirst = false;
    });
  }, [ownChanges, list]);
  return list;
}
