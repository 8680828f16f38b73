import { Server } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import type { SupervisorRowFragment } from '../../generated/operations.ts';
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
  return (
    <Page title="Supervisors" about="The agents that start and stop plugins, each in a place of its own.">
      <SupervisorFilters url={url} />
      <ListBar list={list} what="supervisors" paging={query.page} onPage={(page) => url.change({ page })} />
      <LiveTable<SupervisorRowFragment>
        caption="Supervisors"
        list={list}
        columns={supervisorColumns}
        selection={selection}
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

function SupervisorFilters({ url }: { readonly url: UrlQuery<SupervisorQuery> }) {
  const { query, change, clear, isSet } = url;
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
    </FilterBar>
  );
}
