import { scopeFor } from '../../access/policy.ts';
import { inScope } from '../../access/scopeWhere.ts';
import type { Viewer } from '../../access/viewer.ts';
import { notFound } from '../../base/errors.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { type Core, internalsOf } from '../../core.ts';
import { parseIdentity, type RecoverInput, recoverPlugin } from '../../plugin/recover.ts';

/**
 * A caller says that a plugin does not answer. One that is ACTIVE is recovered (P2); in any other state it is being
 * provisioned, or waits for its next attempt (P5), and many callers' notices must not begin that anew.
 *
 * @throws DomainError as `recoverPlugin`.
 */
export async function notifyFailure(core: Core, viewer: Viewer, input: Unchecked<RecoverInput>): Promise<void> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const identity = parseIdentity(internals, input);
  const plugin = await internals.tenants.client(scope).plugin.findFirst({
    where: { ...identity, ...inScope(scope) },
  });
  if (!plugin)
    throw notFound('plugin', `${identity.pluginId} ${identity.version} on supervisor ${identity.supervisorId}`);
  if (plugin.state === 'ACTIVE') await recoverPlugin(core, viewer, input);
}
