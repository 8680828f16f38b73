import { Rocket } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useTickedList } from '../../data/useTickedList.ts';
import type { RolloutRowFragment } from '../../generated/operations.ts';
import { FilterBar } from '../../ui/Filters.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Page } from '../../ui/Page.tsx';
import { paging, text } from '../../url/query.ts';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { rolloutColumns } from './rolloutColumns.tsx';
import { rolloutListSource } from './rolloutSource.ts';
import './rollouts.css';

const parts = { plugin: text, page: paging };
const refreshMs = 2_000;

/** All rollouts, the newest first. */
export function RolloutsView() {
  const services = useServices();
  const url = useQuery(parts);
  const { query } = url;
  const tick = useChangeTick(refreshMs);
  const source = useMemo(
    () =>
      rolloutListSource(services, tick, {
        ...(query.plugin !== '' && { pluginId: query.plugin }),
        ...pageVariables(query.page),
      }),
    [services, tick, query],
  );
  const list = useTickedList(source);
  const columns = useMemo(() => rolloutColumns(tick), [tick]);
  return (
    <Page title="Rollouts" about="Changes of a plugin’s version, supervisor by supervisor.">
      <FilterBar
        search={query.plugin}
        searches="Exact plugin id"
        onSearch={(plugin) => url.change({ plugin })}
        isSet={url.isSet}
        onClear={url.clear}
      />
      <ListBar list={list} what="rollouts" paging={query.page} onPage={(page) => url.change({ page })} />
      <LiveTable<RolloutRowFragment>
        caption="Rollouts, the newest first"
        list={list}
        columns={columns}
        empty={
          <NoRows what="rollout" icon={Rocket} isFiltered={url.isSet} onClear={url.clear}>
            Upgrade a plugin, or change the version of a deployment: that is a rollout.
          </NoRows>
        }
      />
    </Page>
  );
}
