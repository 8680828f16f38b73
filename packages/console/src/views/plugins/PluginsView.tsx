import { Blocks } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { ChosenBar, targetOf } from '../../bulk/ChosenBar.tsx';
import type { Client } from '../../data/client.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import { ExportMenu, type ExportPage } from '../../export/ExportMenu.tsx';
import { type PluginRowFragment, pluginPage } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
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
import { PluginBulkMenu } from './PluginBulkMenu.tsx';
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
  const mayOperate = useMayOperate();
  return (
    <Page title="Plugins" about="Each version of each plugin, on each supervisor.">
      <PluginFilters url={url} />
      <ListBar
        list={list}
        what="plugins"
        paging={query.page}
        onPage={(page) => url.change({ page })}
        chosen={
          mayOperate &&
          selection.ids.value.size > 0 && (
            <ChosenBar selection={selection} list={list} what="plugins">
              {(close) => (
                <PluginBulkMenu
                  target={() => targetOf(selection, pluginFilter(query))}
                  onDone={selection.clear}
                  close={close}
                />
              )}
            </ChosenBar>
          )
        }
      >
        <ExportMenu name="plugins" read={(after) => readPlugins(client, query, after)} />
      </ListBar>
      <LiveTable<PluginRowFragment>
        caption="Plugins"
        list={list}
        columns={pluginColumns}
        selection={mayOperate ? selection : undefined}
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

/** A page of an export, of the rows that the list on screen has. */
async function readPlugins(client: Client, query: PluginQuery, after: string | null): Promise<ExportPage> {
  const { plugins } = await client.request(pluginPage, {
    filter: pluginFilter(query),
    orderBy: pluginOrder(query),
    first: 100,
    ...(after !== null && { after }),
  });
  const { nodes = [], pageInfo } = plugins ?? {};
  return { rows: nodes, after: pageInfo?.hasNextPage ? pageInfo.endCursor : null };
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
      <ChoiceFilter
        label="More"
        options={[
          { value: 'unmanaged', label: 'Unmanaged' },
          { value: 'leaving', label: 'Leaving' },
        ]}
        chosen={[
          ...(query.managed === false ? (['unmanaged'] as const) : []),
          ...(query.wanted === false ? (['leaving'] as const) : []),
        ]}
        onChange={(chosen) =>
          change({
            managed: chosen.includes('unmanaged') ? false : null,
            wanted: chosen.includes('leaving') ? false : null,
          })
        }
      />
    </FilterBar>
  );
}
