import { useComputed } from '@preact/signals';
import { useServices } from '../../app/services.ts';
import { useRead } from '../../data/useRead.ts';
import { lastSeen } from '../../generated/operations.ts';

const everyMs = 15_000;

/** Keeps the times true at which supervisors were last seen: a heartbeat is no event, so they are asked for. */
export function useLastSeen(ids: readonly string[]): void {
  const { clock } = useServices();
  const tick = useComputed(() => Math.floor(clock.now.value.getTime() / everyMs));
  // The answer goes to the entities.
  useRead(lastSeen, { ids }, tick);
}
