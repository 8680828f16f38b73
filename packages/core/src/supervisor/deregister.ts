import { z } from 'zod';
import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, notFound } from '../base/errors.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { parse } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { type CommandTarget, targetSchema } from './command.ts';
import { decide, supervisorReasons } from './lifecycle.ts';
import { requireSupervisor } from './requireSupervisor.ts';
import { deleteSupervisor } from './sql/deleteSupervisor.ts';

/** The supervisor to delete. */
export type DeregisterInput = CommandTarget & z.input<typeof deregisterSchema>;

const deregisterSchema = targetSchema.extend({
  /** S5: whether managed plugins may be deleted too. Default false. */
  force: z.boolean('expected true or false').nullish(),
});

/**
 * Deletes a supervisor and its plugins; returns the supervisor's id. While managed plugins remain, that takes `force`
 * (S5). A supervisor that publishes again is a newcomer.
 */
export async function deregisterSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<DeregisterInput>,
): Promise<string> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { supervisorId, force } = parse(deregisterSchema, input);
  const supervisor = await requireSupervisor(internals, scope, supervisorId);
  decide('deregister', supervisor);
  const deleted = await deleteSupervisor(internals.db.sql, supervisor.id, {
    scope,
    force: force ?? false,
    actor: viewer.subject,
    reason: supervisorReasons.deregister,
  });
  if (deleted) return supervisor.id;
  // Other tenants' plugins count too: they would be deleted as well.
  const managedPlugins = await internals.tenants
    .client({ domainId: null })
    .plugin.count({ where: { supervisorId: supervisor.id, managed: true } });
  if (managedPlugins === 0) throw notFound('supervisor', JSON.stringify(supervisor.id));
  throw new DomainError(
    'INSTALLED_PLUGIN_EXISTS',
    `expected supervisor ${supervisor.id} to have no managed plugins, or force: true; it has ${managedPlugins}`,
    { managedPlugins },
  );
}
