import { z } from 'zod';
import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, notFound } from '../base/errors.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { parse } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import type { CommandTarget } from './command.ts';
import { decide, supervisorReasons } from './lifecycle.ts';
import { requireSupervisor } from './requireSupervisor.ts';
import { deleteSupervisor } from './sql/deleteSupervisor.ts';

const force = z.boolean('expected true or false').nullish();

/** The supervisor to delete, and whether its managed plugins may go with it. */
export type DeregisterInput = CommandTarget & { force?: z.input<typeof force> };

/**
 * Deletes a supervisor and what is on it; returns its id. While managed plugins remain that takes `force` (S5).
 * Should it publish again, it is a newcomer.
 */
export async function deregisterSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<DeregisterInput>,
): Promise<string> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const forced = parse(force, input.force, ['force']) ?? false;
  const supervisor = await requireSupervisor(internals, scope, input.supervisorId);
  decide('deregister', supervisor);
  const deleted = await deleteSupervisor(internals.db.sql, supervisor.id, {
    scope,
    force: forced,
    actor: viewer.subject,
    reason: supervisorReasons.deregister,
  });
  if (deleted) return supervisor.id;
  // Other tenants' too: they would go with it.
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
