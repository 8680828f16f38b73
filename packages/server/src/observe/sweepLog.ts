import type { Swept } from '@muster/core';
import type { Log } from './log.ts';

/** Makes the logging of sweeps, as far as operators want to know: what each changed since the one before. */
export function createSweepLog(log: Log): (swept: Swept & { excusedMs: number }) => void {
  let heldBefore = new Set<string>();
  return (swept) => {
    if (swept.excusedMs > 0) {
      log.warn(
        `No server swept for ${Math.round(swept.excusedMs / 1000)} s; that time counts for no lease and no deadline.`,
      );
    }
    logSupervisors(log, swept.disconnected, 'supervisors are DISCONNECTED');
    logSupervisors(log, swept.forgotten, 'supervisors that were DISCONNECTED for long are forgotten');
    for (const { domainId, expired, total } of swept.held) {
      if (heldBefore.has(domainId)) continue;
      log.warn(
        { domainId, expired, total },
        `The leases of ${expired} of ${total} supervisors in ${domainId} ran out together: they are held until fewer are missing, or releaseHeldSupervisors.`,
      );
    }
    const heldNow = new Set(swept.held.map(({ domainId }) => domainId));
    for (const domainId of heldBefore)
      if (!heldNow.has(domainId)) log.info({ domainId }, 'supervisors are no longer held');
    heldBefore = heldNow;
  };
}

function logSupervisors(log: Log, supervisorIds: readonly string[], message: string): void {
  if (supervisorIds.length > 0) log.info({ supervisorIds }, message);
}
