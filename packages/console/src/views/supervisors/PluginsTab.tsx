import { Blocks } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import type { PluginRowFragment } from '../../generated/operations.ts';
import { Empty } from '../../ui/Feedback.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { pluginColumnsOfSupervisor } from '../plugins/pluginColumns.tsx';
import { type PluginQuery, pluginOrder, pluginParts } from '../plugins/pluginQuery.ts';
import { pluginSource } from '../plugins/pluginSource.ts';

const parts = { sort: pluginParts.sort, page: pluginParts.page };

/** The plugins of a supervisor. */
export function PluginsTab({ supervisorId }: { readonly supervisorId: string }) {
  const { client, socket } = useServices();
  const { query, change } = useQuery(parts);
  const source = useMemo(
    () =>
      pluginSource(
        client,
        socket,
        { supervisorId: { eq: supervisorId } },
        { orderBy: pluginOrder(query), ...pageVariables(query.page) },
      ),
    [client, socket, supervisorId, query],
  );
  const list = useLiveList(source);
  return (
    <>
      <ListBar list={list} what="plugins" paging={query.page} onPage={(page) => change({ page })} />
      <LiveTable<PluginRowFragment>
        caption="Plugins of the supervisor"
        list={list}
        columns={pluginColumnsOfSupervisor}
        sort={{ sorting: query.sort, onSort: (sort) => change({ sort: sort as PluginQuery['sort'] }) }}
        empty={
          <Empty title="No plugins here" icon={Blocks}>
            Install one, or let the agent report those that it runs already.
          </Empty>
        }
      />
    </>
  );
}
