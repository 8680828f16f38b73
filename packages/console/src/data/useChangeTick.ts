import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import { openChangeTick } from './changeTick.ts';

/** A signal that moves when supervisors or plugins have changed. @param everyMs the least time between two moves */
export function useChangeTick(everyMs: number): ReadonlySignal<number> {
  const { client, socket } = useServices();
  const tick = useMemo(() => openChangeTick(client, socket, everyMs), [client, socket, everyMs]);
  useEffect(() => tick.close, [tick]);
  return tick.count;
}
