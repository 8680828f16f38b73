import type { Supervisor } from '@muster/db';
import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { notFound } from '../base/errors.ts';
import { supervisorFromRow } from '../base/rows.ts';
import { type Core, internalsOf } from '../core.ts';
import type { CommandTarget } from './command.ts';
import { requireSupervisor } from './requireSupervisor.ts';
import { resetSecret } from './sql/resetSecret.ts';

/** S6: forgets the secret that a supervisor was created with; its next publish fixes one, if it brings one. */
export async function resetSupervisorSecret(core: Core, viewer: Viewer, input: CommandTarget): Promise<Supervisor> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'administer', input.domainId);
  const supervisor = await requireSupervisor(internals, scope, input.supervisorId);
  const row = await resetSecret(internals.db.sql, scope, supervisor.id);
  if (!row) throw notFound('supervisor', supervisor.id);
  return supervisorFromRow(row);
}
