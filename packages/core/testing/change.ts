import { type Change, changeFromRow } from '../src/event/change.ts';

/** Some supervisor's change at a place in the order. */
export function changeAt(seq: number): Change {
  return changeFromRow({
    seq,
    at: '2026-01-01T00:00:00+00:00',
    domain_id: 'domain',
    kind: 'SUPERVISOR_STATE_CHANGED',
    supervisor_id: 'supervisor-000000000000',
    plugin_instance_id: null,
    from: 'ENABLED',
    to: 'DISABLED',
    actor: null,
    reason: null,
    changes: null,
    row: { id: 'supervisor-000000000000', domain_id: 'domain', state: 'DISABLED' },
  });
}
