import type { Plugin } from '@muster/db';
import { type Scope, scopeFor } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { isId } from '../base/ids.ts';
import { pluginFromRow } from '../base/rows.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { allOf } from '../query/condition.ts';
import { countRowsOf } from '../query/count.ts';
import { conditionOf, keywordCondition, type PluginFilter } from '../query/filter.ts';
import type { PageArguments } from '../query/keyset.ts';
import type { ListRequest } from '../query/listRequest.ts';
import { listPage, listPagesOf, orderKeys, type Page } from '../query/page.ts';
import { countByGroup, type GroupKey, type StatsRequest } from '../query/stats.ts';

/** What plugins can be ordered by, as clients name it. */
export const pluginOrderFields = {
  ID: 'id',
  PLUGIN_ID: 'pluginId',
  VERSION: 'version',
  STATE: 'state',
  SUPERVISOR_ID: 'supervisorId',
  STATE_CHANGED_AT: 'stateChangedAt',
  CREATED_AT: 'createdAt',
  UPDATED_AT: 'updatedAt',
} as const;

export interface PluginSelection {
  filter?: PluginFilter | null | undefined;
  orderBy?: readonly { field: keyof typeof pluginOrderFields; direction: 'ASC' | 'DESC' }[] | null | undefined;
}

export interface ListPluginsInput extends PluginSelection, PageArguments {
  domainId?: string | null | undefined;
  keyword?: string | null | undefined;
}

/** The plugin with this instance id, or null where the viewer has none (A3). */
export function getPlugin(core: Core, viewer: Viewer, id: string): Promise<Plugin | null> {
  const scope = scopeFor(viewer, 'read');
  if (!isId('Plugin', id)) return Promise.resolve(null);
  return internalsOf(core)
    .tenants.client(scope)
    .plugin.findFirst({ where: { id, ...inScope(scope) } });
}

/** One page, by plugin id unless ordered otherwise. */
export async function listPlugins(core: Core, viewer: Viewer, input: ListPluginsInput): Promise<Page<Plugin>> {
  const scope = scopeFor(viewer, 'read', input.domainId);
  return listPage(pluginList(internalsOf(core), scope, input));
}

/** The same page of the plugins of each of many supervisors: one query, and one more if anybody counts them. */
export async function listPluginsOf(
  core: Core,
  scope: Scope,
  supervisorIds: readonly string[],
  input: PluginSelection & PageArguments,
): Promise<Map<string, Page<Plugin>>> {
  const request = pluginList(internalsOf(core), scope, input);
  let counts: Promise<Map<string, number>> | undefined;
  return listPagesOf(request, 'supervisor_id', supervisorIds, async (id) => {
    counts ??= countRowsOf(request.sql, request, 'supervisor_id', supervisorIds);
    return (await counts).get(id) ?? 0;
  });
}

/** The list that `input` asks for, within the scope and the limits. */
export function pluginList(
  core: CoreInternals,
  scope: Scope,
  input: PluginSelection & PageArguments & { keyword?: string | null | undefined },
): ListRequest<Plugin> {
  const { limits } = core.settings;
  return {
    sql: core.db.sql,
    limits,
    entity: 'plugin',
    scope,
    where: allOf(conditionOf('plugin', input.filter, limits), keywordCondition('plugin', input.keyword)),
    orderBy: orderKeys(pluginOrderFields, input.orderBy, [
      { field: 'pluginId', direction: 'ASC' },
      { field: 'version', direction: 'ASC' },
    ]),
    page: input,
    model: pluginFromRow,
  };
}

export const pluginGroupKeys = ['STATE', 'PLUGIN_ID', 'VERSION', 'SUPERVISOR_ID', 'MANAGED'] as const;

export interface PluginStat {
  count: number;
  state?: Plugin['state'];
  pluginId?: string;
  version?: string;
  supervisorId?: string;
  managed?: boolean;
}

const groupKeys: Record<(typeof pluginGroupKeys)[number], GroupKey> = {
  STATE: { as: 'state', field: 'state' },
  PLUGIN_ID: { as: 'pluginId', field: 'pluginId' },
  VERSION: { as: 'version', field: 'version' },
  SUPERVISOR_ID: { as: 'supervisorId', field: 'supervisorId' },
  MANAGED: { as: 'managed', field: 'managed' },
};

export interface PluginStatsInput {
  domainId?: string | null | undefined;
  filter?: PluginFilter | null | undefined;
  groupBy: readonly (typeof pluginGroupKeys)[number][];
}

/** What `pluginStats` counts. */
export function pluginGroups(core: CoreInternals, viewer: Viewer, input: PluginStatsInput): StatsRequest {
  return {
    entity: 'plugin',
    scope: scopeFor(viewer, 'read', input.domainId),
    where: conditionOf('plugin', input.filter, core.settings.limits),
    groupBy: [...new Set(input.groupBy)].map((key) => groupKeys[key]),
  };
}

/** Counts by group. */
export async function pluginStats(core: Core, viewer: Viewer, input: PluginStatsInput): Promise<PluginStat[]> {
  const internals = internalsOf(core);
  return countByGroup(internals, pluginGroups(internals, viewer, input));
}
