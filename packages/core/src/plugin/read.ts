import type { Plugin } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { type Scope, scopeFor } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { isId } from '../base/ids.ts';
import { pluginFromRow } from '../base/rows.ts';
import type { Unchecked, UncheckedExcept } from '../base/unchecked.ts';
import { parse } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { allOf } from '../query/condition.ts';
import type { PluginFilter } from '../query/filter.ts';
import type { PageArguments } from '../query/keyset.ts';
import type { ListRequest } from '../query/listRequest.ts';
import { listPage, listPagesOf, orderKeys, type Page, type PageOfMany } from '../query/page.ts';
import { parseFilter } from '../query/parseFilter.ts';
import { parseKeyword } from '../query/parseKeyword.ts';
import { countByGroup, type GroupKey, type StatsRequest } from '../query/stats.ts';

/** The fields by which plugins can be ordered, as clients name them. */
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

/** The filter and order of a list of plugins. */
export interface PluginSelection {
  filter?: PluginFilter | null | undefined;
  orderBy?: readonly { field: keyof typeof pluginOrderFields; direction: 'ASC' | 'DESC' }[] | null | undefined;
}

/** A page of a list of plugins. */
export type ListPluginsInput = DomainInput & KeywordInput & PluginSelection & PageArguments;

const keywordSchema = z.object({
  /** Words of which each plugin must contain at least one; see docs/query.md. */
  keyword: z.string('expected a text').nullish(),
});
type KeywordInput = z.input<typeof keywordSchema>;

/** The plugin with this instance id, or null where the viewer has none (A3). */
export function getPlugin(core: Core, viewer: Viewer, instanceId: unknown): Promise<Plugin | null> {
  const scope = scopeFor(viewer, 'read');
  const id = parse(z.string('expected a text'), instanceId, ['id']);
  if (!isId('Plugin', id)) return Promise.resolve(null);
  return internalsOf(core)
    .tenants.client(scope)
    .plugin.findFirst({ where: { id, ...inScope(scope) } });
}

/** One page, by plugin id unless ordered otherwise. */
export async function listPlugins(
  core: Core,
  viewer: Viewer,
  input: UncheckedExcept<ListPluginsInput, keyof PluginSelection | keyof PageArguments>,
): Promise<Page<Plugin>> {
  const scope = scopeFor(viewer, 'read', input.domainId);
  return listPage(pluginList(internalsOf(core), scope, input));
}

/** The same page of the plugins of each of many supervisors: one query, and one more where a page is counted. */
export async function listPluginsOf(
  core: Core,
  scope: Scope,
  supervisorIds: readonly string[],
  input: PluginSelection & PageArguments,
): Promise<Map<string, PageOfMany<Plugin>>> {
  return listPagesOf(pluginList(internalsOf(core), scope, input), 'supervisor_id', supervisorIds);
}

/** The same page of the plugins of each of many deployments. */
export async function listPluginsOfDeployments(
  core: Core,
  scope: Scope,
  deploymentIds: readonly string[],
  input: PluginSelection & PageArguments,
): Promise<Map<string, PageOfMany<Plugin>>> {
  return listPagesOf(pluginList(internalsOf(core), scope, input), 'deployment_id', deploymentIds);
}

/** The list that `input` asks for, within the scope and the limits. */
export function pluginList(
  core: CoreInternals,
  scope: Scope,
  input: Unchecked<KeywordInput> & PluginSelection & PageArguments,
): ListRequest<Plugin> {
  const { limits } = core.settings;
  const { keyword } = parse(keywordSchema, input);
  return {
    db: core.db,
    limits,
    entity: 'plugin',
    scope,
    where: allOf(parseFilter('plugin', input.filter, limits), parseKeyword('plugin', keyword)),
    orderBy: orderKeys(pluginOrderFields, input.orderBy, [
      { field: 'pluginId', direction: 'ASC' },
      { field: 'version', direction: 'ASC' },
    ]),
    page: input,
    model: pluginFromRow,
  };
}

/** The keys by which plugins can be grouped, as clients name them. */
export const pluginGroupKeys = ['STATE', 'PLUGIN_ID', 'VERSION', 'SUPERVISOR_ID', 'MANAGED'] as const;

/** The count of one group of plugins, with the values of the keys that it was grouped by. */
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

/** Counts of plugins by group. */
export type PluginStatsInput = DomainInput & z.input<typeof statsSchema> & Pick<PluginSelection, 'filter'>;
type UncheckedStats = UncheckedExcept<PluginStatsInput, 'filter'>;

const statsSchema = z.object({ groupBy: z.array(z.enum(pluginGroupKeys)).readonly() });

/** The groups that `pluginStats` counts. */
export function pluginGroups(core: CoreInternals, viewer: Viewer, input: UncheckedStats): StatsRequest {
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { groupBy } = parse(statsSchema, input);
  return {
    entity: 'plugin',
    scope,
    where: parseFilter('plugin', input.filter, core.settings.limits),
    groupBy: [...new Set(groupBy)].map((key) => groupKeys[key]),
  };
}

/** Counts of plugins, by group. */
export async function pluginStats(core: Core, viewer: Viewer, input: UncheckedStats): Promise<PluginStat[]> {
  const internals = internalsOf(core);
  return countByGroup(internals, pluginGroups(internals, viewer, input));
}
