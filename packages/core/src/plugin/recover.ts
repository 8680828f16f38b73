import type { Plugin } from '@muster/db';
import { z } from 'zod';
import { scopeFor } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, notFound } from '../base/errors.ts';
import { pluginFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { parse, perLimits, text } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { pluginLifecycle } from './lifecycle.ts';
import { recoverPlugin as recoverRow } from './sql/recoverPlugin.ts';

export interface RecoverInput {
  supervisorId: string;
  pluginId: string;
  version: string;
  domainId?: string | null | undefined;
}

const maxTries = 10;

/**
 * P2: wishes for the plugin anew, from whatever state. The supervisor must be ENABLED. A report that was under way
 * can't undo it (P3).
 */
export async function recoverPlugin(core: Core, viewer: Viewer, input: Unchecked<RecoverInput>): Promise<Plugin> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const identity = parseIdentity(internals, input);
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await internals.tenants.client(scope).plugin.findFirst({
      where: { ...identity, ...inScope(scope) },
      include: { supervisor: { select: { state: true } } },
    });
    // Prisma reads the two one after the other: a deregistration between leaves the plugin without its supervisor.
    if (!seen?.supervisor) {
      throw notFound('plugin', `${identity.pluginId} ${identity.version} on supervisor ${identity.supervisorId}`);
    }
    if (seen.supervisor.state !== 'ENABLED') {
      throw new DomainError(
        'RECOVER_NOT_SUPPORTED',
        `expected supervisor ${seen.supervisorId} to be ENABLED; its state is ${seen.supervisor.state}`,
        { supervisorId: seen.supervisorId, state: seen.supervisor.state },
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

/** Which plugin is meant, checked. */
export function parseIdentity(
  core: CoreInternals,
  input: Unchecked<RecoverInput>,
): Pick<Plugin, 'supervisorId' | 'pluginId' | 'version'> {
  return parse(recoverSchema(core.settings.limits), input);
}

const recoverSchema = perLimits((limits) => {
  return z.object({
    supervisorId: text(limits.nameLength),
    pluginId: text(limits.pluginIdLength),
    version: text(limits.pluginIdLength),
  });
});
