import type { Plugin } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import { badUserInput, notFound } from '../base/errors.ts';
import { pluginFromRow } from '../base/rows.ts';
import type { CoreInternals } from '../core.ts';
import { allOf, type Condition } from '../query/condition.ts';
import { findRows } from '../query/findRows.ts';

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
  const where = allOf(equal('supervisorId', supervisorId), equal('pluginId', pluginId), equal('version', version));
  const [plugin, another] = await findRows(core.db.sql, { entity: 'plugin', scope, where }, { limit: 2 });
  if (!plugin) throw notFound('plugin', `${pluginId} ${version} on supervisor ${supervisorId}`);
  if (another) {
    throw badUserInput(
      ['domainId'],
      `expected a domain id, since several domains have ${pluginId} ${version} on supervisor ${supervisorId}; got none`,
    );
  }
  return pluginFromRow(plugin);
}

const equal = (field: keyof PluginIdentity, value: string): Condition => ({ field, operator: 'eq', value });
