import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import { type ChangeScope, openChangeTick } from './changeTick.ts';

/**
 * A signal that moves when supervisors or plugins have changed.
 *
 * @param everyMs the least time between two moves
 * @param scope which of them; others begin anew, and are compared as JSON
 */
export function useChangeTick(everyMs: number, scope: ChangeScope = {}): ReadonlySignal<number> {
  const { client, socket } = useServices();
  const key = JSON.stringify(scope);
  const tick = useMemo(() => openChangeTick(client, socket, everyMs, JSON.parse(key)), [client, socket, everyMs, key]);
  useEffect(() => tick.close, [tick]);
  return tick.count;
}
