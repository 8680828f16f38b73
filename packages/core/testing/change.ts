import type { SupervisorChange } from '../src/event/change.ts';
import { supervisorFromRow } from '../src/sql/rows.ts';

/** Some supervisor's change at a place in the order. */
export function changeAt(seq: number): SupervisorChange {
  return {
    entity: 'supervisor',
    seq,
    at: new Date(0),
    domainId: 'domain',
    kind: 'SUPERVISOR_STATE_CHANGED',
    actor: null,
    reason: null,
    from: 'ENABLED',
    to: 'DISABLED',
    supervisor: supervisorFromRow({ id: 'supervisor-000000000000' }),
  };
}
