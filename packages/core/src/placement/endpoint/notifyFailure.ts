import { scopeFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { type Core, internalsOf } from '../../core.ts';
import { parseIdentity, type RecoverInput, recoverPlugin } from '../../plugin/recover.ts';
import { requirePlugin } from '../../plugin/requirePlugin.ts';

/**
 * Takes a caller's notice that a plugin does not answer. An ACTIVE plugin is recovered (P2). In any other state the
 * plugin is being provisioned, or waits for the next attempt (P5); the notices of many callers must not restart that.
 *
 * @throws DomainError as `recoverPlugin`.
 */
export async function notifyFailure(core: Core, viewer: Viewer, input: Unchecked<RecoverInput>): Promise<void> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const identity = parseIdentity(input, core.settings.limits);
  const plugin = await requirePlugin(internals, scope, identity);
  if (plugin.state === 'ACTIVE') await recoverPlugin(core, viewer, input);
}
