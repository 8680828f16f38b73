import type { PluginFilter, PluginOrder, PluginOrderField } from '../../generated/operations.ts';
import { paging, type QueryOf, someOf, sortedBy, text, texts, yesOrNo } from '../../url/query.ts';
import { containing, labelsOf } from '../filterParts.ts';

const columns = {
  plugin: 'PLUGIN_ID',
  version: 'VERSION',
  state: 'STATE',
  changed: 'STATE_CHANGED_AT',
  created: 'CREATED_AT',
} as const satisfies Readonly<Record<string, PluginOrderField>>;

/** The states that a plugin can have. */
export const pluginStateNames = ['ACTIVE', 'PROVISIONING', 'RE_PROVISIONING', 'ERROR'] as const;

/** The state of the list of plugins that its URL has. */
export const pluginParts = {
  q: text,
  state: someOf(pluginStateNames),
  plugin: text,
  version: text,
  domain: text,
  label: texts,
  managed: yesOrNo,
  wanted: yesOrNo,
  sort: sortedBy(['plugin', 'version', 'state', 'changed', 'created'], { column: 'plugin', descends: false }),
  page: paging,
};

export type PluginQuery = QueryOf<typeof pluginParts>;

/** The filter that a URL stands for: the same for the list, what is watched, an export and a bulk change (K5). */
export function pluginFilter(query: PluginQuery): PluginFilter {
  const { q, state, plugin, version, domain, label, managed, wanted } = query;
  const { and } = labelsOf(label);
  return {
    ...(q !== '' && {
      or: [
        { pluginId: containing(q) },
        { message: containing(q) },
        { supervisor: { name: containing(q) } },
        { endpoint: containing(q) },
        { id: { eq: q } },
      ],
    }),
    ...(state.length > 0 && { state: { in: state } }),
    ...(plugin !== '' && { pluginId: { eq: plugin } }),
    ...(version !== '' && { version: { eq: version } }),
    ...(domain !== '' && { domainId: { eq: domain } }),
    ...(and && { supervisor: { and } }),
    ...(managed !== null && { managed: { eq: managed } }),
    ...(wanted !== null && { wanted: { eq: wanted } }),
  };
}

export function pluginOrder({ sort }: Pick<PluginQuery, 'sort'>): PluginOrder[] {
  return [{ field: columns[sort.column], direction: sort.descends ? 'DESC' : 'ASC' }];
}
