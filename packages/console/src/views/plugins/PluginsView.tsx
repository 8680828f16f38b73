import { Blocks } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import type { PluginRowFragment } from '../../generated/operations.ts';
import { ChoiceFilter, FilterBar, TextsFilter } from '../../ui/Filters.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Page } from '../../ui/Page.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { createSelection } from '../../ui/selection.ts';
import { pluginStates } from '../../ui/states.ts';
import { type UrlQuery, useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { pluginColumns } from './pluginColumns.tsx';
import { type PluginQuery, pluginFilter, pluginOrder, pluginParts, pluginStateNames } from './pluginQuery.ts';
import { pluginSource } from './pluginSource.ts';

/** All plugins, each on its supervisor. */
export function PluginsView() {
  const { client, socket } = useServices();
  const url = useQuery(pluginParts);
  const { query } = url;
  const source = useMemo(
    () =>
      pluginSource(client, socket, pluginFilter(query), { orderBy: pluginOrder(query), ...pageVariables(query.page) }),
    [client, socket, query],
  );
  const list = useLiveList(source);
  const selection = useMemo(createSelection, []);
  return (
    <Page title="Plugins" about="Each version of each plugin, on each supervisor.">
      <PluginFilters url={url} />
      <ListBar list={list} what="plugins" paging={query.page} onPage={(page) => url.change({ page })} />
      <LiveTable<PluginRowFragment>
        caption="Plugins"
        list={list}
        columns={pluginColumns}
        selection={selection}
        sort={{ sorting: query.sort, onSort: (sort) => url.change({ sort: sort as PluginQuery['sort'] }) }}
        empty={
          <NoRows what="plugin" icon={Blocks} isFiltered={url.isSet} onClear={url.clear}>
            Install one on a supervisor, or let an agent report those that it runs already.
          </NoRows>
        }
      />
    </Page>
  );
}

function PluginFilters({ url: { query, change, clear, isSet } }: { readonly url: UrlQuery<PluginQuery> }) {
  return (
    <FilterBar
      search={query.q}
      searches="Plugin, supervisor, message or endpoint"
      onSearch={(q) => change({ q })}
      isSet={isSet}
      onClear={clear}
    >
      <ChoiceFilter
        label="State"
        options={pluginStateNames.map((value) => ({ value, label: <StateBadge look={pluginStates[value]} /> }))}
        chosen={query.state}
        onChange={(state) => change({ state })}
      />
      <TextsFilter
        label="Supervisor labels"
        placeholder="env=prod, or env"
        values={query.label}
        onChange={(label) => change({ label })}
      />
    </FilterBar>
  );
}
