import { Package, PackagePlus } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import type { LiveList } from '../../data/liveList.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useTickedList } from '../../data/useTickedList.ts';
import type { ReleaseRowFragment } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { Button } from '../../ui/Button.tsx';
import { FilterBar } from '../../ui/Filters.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Page } from '../../ui/Page.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { PublishDialog } from './PublishDialog.tsx';
import { releaseColumns } from './releaseColumns.tsx';
import { type ReleaseQuery, releaseFilter, releaseOrder, releaseParts } from './releaseQuery.ts';
import { releaseSource } from './releaseSource.ts';
import { useRunningCounts } from './useRunningCounts.ts';
import './releases.css';

const refreshMs = 2_000;

/** The catalogue: each version of each plugin that may be placed, or once could. */
export function ReleasesView() {
  const services = useServices();
  const { dialogs } = services;
  const url = useQuery(releaseParts);
  const { query } = url;
  const mayOperate = useMayOperate();
  const tick = useChangeTick(refreshMs);
  const source = useMemo(
    () =>
      releaseSource(services, tick, {
        filter: releaseFilter(query),
        orderBy: releaseOrder(query),
        ...pageVariables(query.page),
      }),
    [services, tick, query],
  );
  const list = useTickedList(source);
  const countOf = useRunningCounts(usePluginIds(list), tick);
  return (
    <Page
      title="Releases"
      about="What each version of a plugin is made of."
      actions={
        mayOperate && (
          <Button
            kind="primary"
            icon={PackagePlus}
            onClick={() => dialogs.show((close) => <PublishDialog base={null} onClose={close} />)}
          >
            Publish a release
          </Button>
        )
      }
    >
      <FilterBar
        search={query.q}
        searches="Plugin, version or id"
        onSearch={(q) => url.change({ q })}
        isSet={url.isSet}
        onClear={url.clear}
      >
        <Segments
          label="State"
          options={[
            { value: null, label: 'All' },
            { value: 'current', label: 'Current' },
            { value: 'retired', label: 'Retired' },
          ]}
          chosen={query.state}
          onChange={(state) => url.change({ state })}
        />
        <Segments
          label="For"
          options={[
            { value: null, label: 'Any' },
            { value: 'domain', label: 'One domain' },
            { value: 'public', label: 'All domains' },
          ]}
          chosen={query.reach}
          onChange={(reach) => url.change({ reach })}
        />
      </FilterBar>
      <ListBar list={list} what="releases" paging={query.page} onPage={(page) => url.change({ page })} />
      <LiveTable<ReleaseRowFragment>
        caption="Releases"
        list={list}
        columns={releaseColumns(countOf)}
        sort={{ sorting: query.sort, onSort: (sort) => url.change({ sort: sort as ReleaseQuery['sort'] }) }}
        empty={
          <NoRows what="release" icon={Package} isFiltered={url.isSet} onClear={url.clear}>
            Publish one: agents then get its image, ports and health check with each assignment. Versions without a
            release can be placed, too, where agents know the image by themselves.
          </NoRows>
        }
      />
    </Page>
  );
}

/** The plugin ids on a page: the same array while they are the same. */
function usePluginIds(list: LiveList): readonly string[] {
  const { entities } = useServices();
  const state = list.state.value;
  const ids = state.kind === 'ready' ? state.ids : [];
  const pluginIds = new Set(ids.flatMap((id) => entities.get<ReleaseRowFragment>(id)?.value.pluginId ?? []));
  const key = JSON.stringify([...pluginIds].sort());
  return useMemo(() => JSON.parse(key) as readonly string[], [key]);
}
