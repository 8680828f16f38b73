import { useEffect } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import type { ListSource } from './listSource.ts';
import type { LiveList } from './liveList.ts';
import { onMove } from './onMove.ts';
import { useLiveList } from './useLiveList.ts';

/** The list of a view whose source is a `tickedSource`. Changes that were asked for on this page show at once. */
export function useTickedList(source: ListSource): LiveList {
  const { ownChanges } = useServices();
  const list = useLiveList(source);
  useEffect(() => onMove(ownChanges, list.refresh), [ownChanges, list]);
  return list;
}
