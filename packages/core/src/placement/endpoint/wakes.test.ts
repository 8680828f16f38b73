import { expect, test } from 'vitest';
import { type Change, changeFromRow } from '../../event/change.ts';
import type { WantedEndpoint } from './endpoint.ts';
import { wakes } from './wakes.ts';

const wanted: WantedEndpoint = {
  domainId: 'own',
  pluginId: 'collector',
  version: null,
  labels: {},
  allowPublic: true,
};

function supervisorEnabledIn(domainId: string, isPublic: boolean): Change {
  const id = 'supervisor-000000000000';
  return changeFromRow({
    seq: 1,
    at: '2026-01-01T00:00:00+00:00',
    domain_id: domainId,
    kind: 'SUPERVISOR_STATE_CHANGED',
    supervisor_id: id,
    plugin_instance_id: null,
    from: 'DISABLED',
    to: 'ENABLED',
    actor: null,
    reason: null,
    changes: null,
    row: { id, domain_id: domainId, is_public: isPublic, state: 'ENABLED' },
  });
}

test.each([
  { domainId: 'own', isPublic: false, allowPublic: true, expected: true },
  { domainId: 'own', isPublic: false, allowPublic: false, expected: true },
  { domainId: 'other', isPublic: false, allowPublic: true, expected: false },
  { domainId: 'other', isPublic: true, allowPublic: true, expected: true },
  { domainId: 'other', isPublic: true, allowPublic: false, expected: false },
])(
  'M2, M4: a supervisor wakes those alone whom it could serve ($domainId, public $isPublic, allowed $allowPublic)',
  ({ expected, domainId, isPublic, allowPublic }) => {
    expect(wakes({ ...wanted, allowPublic }, supervisorEnabledIn(domainId, isPublic))).toBe(expected);
  },
);
