import type { Plugin, SupervisorState } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, notFound } from '../base/errors.ts';
import { pluginFromRow, supervisorFromRow } from '../base/rows.ts';
import type { Limits } from '../base/settings.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { parse, perLimits, text } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import type { Condition } from '../query/condition.ts';
import { findRows } from '../query/findRows.ts';
import { pluginLifecycle } from './lifecycle.ts';
import { type PluginIdentity, requirePlugin } from './requirePlugin.ts';
import { recoverPlugin as recoverRow } from './sql/recoverPlugin.ts';

/** The plugin to recover. */
export type RecoverInput = DomainInput & z.input<ReturnType<typeof identitySchema>>;

/** How often a recovery is decided again because the plugin changed meanwhile. */
const maxTries = 10;

/**
 * P2: has the plugin provisioned again, from whatever state, in a new generation. The supervisor must be ENABLED. A
 * report that was under way meanwhile does not undo it (P3).
 *
 * @throws DomainError RECOVER_NOT_SUPPORTED unless the supervisor is ENABLED; NOT_FOUND for an unknown plugin (A3).
 */
export async function recoverPlugin(core: Core, viewer: Viewer, input: Unchecked<RecoverInput>): Promise<Plugin> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const identity = parseIdentity(input, core.settings.limits);
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await requirePlugin(internals, scope, identity);
    const state = await stateOfSupervisor(internals, seen);
    if (state !== 'ENABLED') {
      throw new DomainError(
        'RECOVER_NOT_SUPPORTED',
        `expected supervisor ${seen.supervisorId} to be ENABLED; its state is ${state}`,
        { supervisorId: seen.supervisorId, state },
      );
    }
    const outcome = pluginLifecycle[seen.state].recover;
    if (outcome.kind !== 'become') throw new Error(`the lifecycle has no recovery from ${seen.state}`);
    const row = await recoverRow(internals.db.sql, {
      id: seen.id,
      scope,
      seen,
      state: outcome.state,
      reason: outcome.reason,
      deadlineMs: core.settings.provisioningDeadlineSeconds * 1000,
      clockOffsetMs: internals.clockOffsetMs(),
      actor: viewer.subject,
    });
    if (row) return pluginFromRow(row);
  }
  throw new DomainError('UNAVAILABLE', `plugin ${identity.pluginId} keeps changing; try again`);
}

/** The state of a plugin's supervisor, which may belong to another domain (A6). */
async function stateOfSupervisor(core: CoreInternals, { supervisorId }: Plugin): Promise<SupervisorState> {
  const where: Condition = { field: 'id', operator: 'eq', value: supervisorId };
  const everywhere = { entity: 'supervisor', scope: { domainId: null }, where } as const;
  const [row] = await findRows(core.db.sql, everywhere, { limit: 1 });
  // A deregistration may have come between.
  if (!row) throw notFound('supervisor', supervisorId);
  return supervisorFromRow(row).state;
}

/** Parses the fields that name one plugin. */
export function parseIdentity(input: Unchecked<RecoverInput>, limits: Limits): PluginIdentity {
  return parse(identitySchema(limits), input);
}

const identitySchema = perLimits((limits) => {
  return z.object({
    supervisorId: text(limits.nameLength),
    pluginId: text(limits.pluginIdLength),
    version: text(limits.pluginIdLength),
  });
});
