import type { Plugin } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import { badUserInput, notFound } from '../base/errors.ts';
import type { CoreInternals } from '../core.ts';

/** The fields that name one plugin of a domain. */
export interface PluginIdentity {
  readonly supervisorId: string;
  readonly pluginId: string;
  readonly version: string;
}

/**
 * The plugin of the scope's domain.
 *
 * @throws DomainError NOT_FOUND where there is none (A3); BAD_USER_INPUT where the scope is of all domains, and several
 * have this plugin there (P9)
 */
export async function requirePlugin(core: CoreInternals, scope: Scope, identity: PluginIdentity): Promise<Plugin> {
  const { supervisorId, pluginId, version } = identity;
  const [plugin, another] = await core.tenants
    .client(scope)
    .plugin.findMany({ where: { supervisorId, pluginId, version, ...inScope(scope) }, take: 2 });
  if (!plugin) throw notFound('plugin', `${pluginId} ${version} on supervisor ${supervisorId}`);
  if (another) {
    throw badUserInput(
      ['domainId'],
      `expected a domain id, since several domains have ${pluginId} ${version} on supervisor ${supervisorId}; got none`,
    );
  }
  return plugin;
}
