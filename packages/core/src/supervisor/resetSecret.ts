import type { Supervisor } from '@muster/db';
import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { notFound } from '../base/errors.ts';
import { supervisorFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { parse } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { type CommandTarget, targetSchema } from './command.ts';
import { requireSupervisor } from './requireSupervisor.ts';
import { resetSecret } from './sql/resetSecret.ts';

/** S6: forgets a supervisor's secret; the next publish that brings a secret fixes it. */
export async function resetSupervisorSecret(
  core: Core,
  viewer: Viewer,
  input: Unchecked<CommandTarget>,
): Promise<Supervisor> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'administer', input.domainId);
  const { supervisorId } = parse(targetSchema, input);
  const supervisor = await requireSupervisor(internals, scope, supervisorId);
  const row = await resetSecret(internals.db.sql, scope, { id: supervisor.id, actor: viewer.subject });
  if (!row) throw notFound('supervisor', supervisor.id);
  return supervisorFromRow(row);
}
