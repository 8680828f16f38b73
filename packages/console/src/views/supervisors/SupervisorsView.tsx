import { Server } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { ChosenBar, targetOf } from '../../bulk/ChosenBar.tsx';
import type { Client } from '../../data/client.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import { ExportMenu, type ExportPage } from '../../export/ExportMenu.tsx';
import { type SupervisorRowFragment, supervisorPage } from '../../generated/operations.ts';
import { useIsOfAllDomains, useMayOperate } from '../../session/useRole.ts';
import { ChoiceFilter, FilterBar, TextsFilter } from '../../ui/Filters.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Page } from '../../ui/Page.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { createSelection } from '../../ui/selection.ts';
import { supervisorStates, wordOf } from '../../ui/states.ts';
import { type UrlQuery, useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { SupervisorBulkMenu } from './SupervisorBulkMenu.tsx';
import { supervisorColumns } from './supervisorColumns.tsx';
import {
  type SupervisorQuery,
  supervisorConditionNames,
  supervisorFilter,
  supervisorOrder,
  supervisorParts,
  supervisorStateNames,
} from './supervisorQuery.ts';
import { supervisorSource } from './supervisorSource.ts';
import { useLastSeen } from './useLastSeen.ts';
import { usePluginCounts } from './usePluginCounts.ts';

const noIds: readonly string[] = [];

/** All supervisors, paged, sorted and filtered by the server. */
export function SupervisorsView() {
  const { client, socket } = useServices();
  const url = useQuery(supervisorParts);
  const { query } = url;
  const source = useMemo(
    () =>
      supervisorSource(client, socket, supervisorFilter(query), {
        orderBy: supervisorOrder(query),
        ...pageVariables(query.page),
      }),
    [client, socket, query],
  );
  const list = useLiveList(source);
  const selection = useMemo(createSelection, []);
  const mayOperate = useMayOperate();
  const state = list.state.value;
  const ids = state.kind === 'ready' ? state.ids : noIds;
  useLastSeen(ids);
  const counts = usePluginCounts(ids);
  const columns = useMemo(() => supervisorColumns(counts), [counts]);
  return (
    <Page title="Supervisors" about="The agents that start and stop plugins, each in a place of its own.">
      <SupervisorFilters url={url} />
      <ListBar
        list={list}
        what="supervisors"
        paging={query.page}
        onPage={(page) => url.change({ page })}
        chosen={
          mayOperate &&
          selection.ids.value.size > 0 && (
            <ChosenBar selection={selection} list={list} what="supervisors">
              {(close) => (
                <SupervisorBulkMenu
                  target={() => targetOf(selection, supervisorFilter(query))}
                  onDone={selection.clear}
                  close={close}
                />
              )}
            </ChosenBar>
          )
        }
      >
        <ExportMenu name="supervisors" read={(after) => readSupervisors(client, query, after)} />
      </ListBar>
      <LiveTable<SupervisorRowFragment>
        caption="Supervisors"
        list={list}
        columns={columns}
        selection={mayOperate ? selection : undefined}
        sort={{ sorting: query.sort, onSort: (sort) => url.change({ sort: sort as SupervisorQuery['sort'] }) }}
        empty={
          <NoRows what="supervisor" icon={Server} isFiltered={url.isSet} onClear={url.clear}>
            <p>An agent appears here with its first report. To see a fleet at work, run this in the repository:</p>
            <pre>npx -y pnpm@12 demo</pre>
          </NoRows>
        }
      />
    </Page>
  );
}

/** A page of an export, of the rows that the list on screen has. */
async function readSupervisors(client: Client, query: SupervisorQuery, after: string | null): Promise<ExportPage> {
  const { supervisors } = await client.request(supervisorPage, {
    filter: supervisorFilter(query),
    orderBy: supervisorOrder(query),
    first: 100,
    ...(after !== null && { after }),
  });
  const { nodes = [], pageInfo } = supervisors ?? {};
  return { rows: nodes, after: pageInfo?.hasNextPage ? pageInfo.endCursor : null };
}

type Mark = 'silent' | 'cordoned' | 'draining';

const marks: readonly { readonly value: Mark; readonly label: string }[] = [
  { value: 'silent', label: 'Not connected' },
  { value: 'cordoned', label: 'Cordoned' },
  { value: 'draining', label: 'Draining' },
];

function marksOf({ connected, cordoned, drain }: SupervisorQuery): readonly Mark[] {
  return [
    ...(connected === false ? (['silent'] as const) : []),
    ...(cordoned === true ? (['cordoned'] as const) : []),
    ...(drain === 'DRAINING' ? (['draining'] as const) : []),
  ];
}

function SupervisorFilters({ url }: { readonly url: UrlQuery<SupervisorQuery> }) {
  const { query, change, clear, isSet } = url;
  const isOfAllDomains = useIsOfAllDomains();
  return (
    <FilterBar
      search={query.q}
      searches="Name, hostname or id"
      onSearch={(q) => change({ q })}
      isSet={isSet}
      onClear={clear}
    >
      <ChoiceFilter
        label="State"
        options={supervisorStateNames.map((value) => ({ value, label: <StateBadge look={supervisorStates[value]} /> }))}
        chosen={query.state}
        onChange={(state) => change({ state })}
      />
      <ChoiceFilter
        label="Condition"
        options={supervisorConditionNames.map((value) => ({ value, label: wordOf(value) }))}
        chosen={query.condition}
        onChange={(condition) => change({ condition })}
      />
      <TextsFilter
        label="Labels"
        placeholder="env=prod, or env"
        values={query.label}
        onChange={(label) => change({ label })}
      />
      <ChoiceFilter
        label="More"
        options={marks}
        chosen={marksOf(query)}
        onChange={(chosen) =>
          change({
            connected: chosen.includes('silent') ? false : null,
            cordoned: chosen.includes('cordoned') ? true : null,
            drain: chosen.includes('draining') ? 'DRAINING' : null,
          })
        }
      />
      {isOfAllDomains && (
        <TextsFilter
          label="Domain"
          placeholder="acme"
          values={query.domain === '' ? [] : [query.domain]}
          onChange={(domains) => change({ domain: domains.at(-1) ?? '' })}
        />
      )}
    </FilterBar>
  );
}
