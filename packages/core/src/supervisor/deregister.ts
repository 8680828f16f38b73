import type { Supervisor } from '@muster/db';
import { z } from 'zod';
import { type Scope, scopeFor } from '../access/policy.ts';
import { isInScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, notFound } from '../base/errors.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { parse } from '../base/validate.ts';
import { insertBlock } from '../block/sql/insertBlock.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { type CommandTarget, targetSchema } from './command.ts';
import { decide, supervisorReasons } from './lifecycle.ts';
import { requireSupervisor } from './requireSupervisor.ts';
import { type BarringPlugin, readBarringPlugins } from './sql/barsDeregistration.ts';
import { deleteSupervisor } from './sql/deleteSupervisor.ts';

/** The supervisor to delete. */
export type DeregisterInput = CommandTarget & z.input<typeof deregisterSchema>;

const deregisterSchema = targetSchema.extend({
  /** S5: whether managed plugins may be deleted too. Default false. */
  force: z.boolean('expected true or false').nullish(),
  /** S5: whether the hostname is blocked in the same step. Default false. */
  block: z.boolean('expected true or false').nullish(),
});

/** The most plugins that a refusal names. */
const named = 10;

/**
 * Deletes a supervisor and its plugins; returns the supervisor's id. While managed plugins are wanted there, or a live
 * agent still runs some, that takes `force` (S5). A supervisor that publishes again is a newcomer.
 *
 * @throws DomainError INSTALLED_PLUGIN_EXISTS, NOT_FOUND
 */
export async function deregisterSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<DeregisterInput>,
): Promise<string> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { supervisorId, force, block } = parse(deregisterSchema, input);
  const supervisor = await requireSupervisor(internals, scope, supervisorId);
  decide('deregister', supervisor);
  const { id, domainId, hostname } = supervisor;
  const isDeleted = await internals.db.transaction(async (sql) => {
    const deleted = await deleteSupervisor(sql, id, {
      scope,
      force: force ?? false,
      actor: viewer.subject,
      reason: supervisorReasons.deregister,
    });
    if (deleted && block) await insertBlock(sql, { domainId, hostname, note: null, actor: viewer.subject });
    return deleted;
  });
  if (isDeleted) return id;
  await refuseBarred(internals, viewer, supervisor);
  throw notFound('supervisor', JSON.stringify(id));
}

/** @throws DomainError INSTALLED_PLUGIN_EXISTS where plugins bar the deregistration of a supervisor (S5) */
async function refuseBarred(
  core: CoreInternals,
  viewer: Viewer,
  supervisor: Pick<Supervisor, 'id' | 'domainId'>,
): Promise<void> {
  const barring = await readBarringPlugins(core.db.sql, supervisor);
  if (barring.length === 0) return;
  throw new DomainError(
    'INSTALLED_PLUGIN_EXISTS',
    `expected no managed plugins on supervisor ${supervisor.id} that are wanted or still running, or force: true; it has ${namesOf(barring, viewer)}`,
    { managedPlugins: barring.length },
  );
}

/** The plugins in words. Those of domains that the viewer may not see are only counted (A3). */
function namesOf(barring: readonly BarringPlugin[], viewer: Viewer): string {
  const scope: Scope = { domainId: viewer.domainId };
  const names = barring.filter((plugin) => isInScope(scope, plugin)).map((own) => `${own.pluginId} ${own.version}`);
  const shown = names.slice(0, named);
  const others = barring.length - shown.length;
  if (shown.length === 0) return `${others} of other domains`;
  return others === 0 ? shown.join(', ') : `${shown.join(', ')} and ${others} more`;
}
