import { Blocks } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import type { PluginRowFragment } from '../../generated/operations.ts';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { oneOf, paging } from '../../url/query.ts';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { instanceColumns } from '../plugins/instanceColumns.tsx';
import { pluginStateNames } from '../plugins/pluginQuery.ts';
import { pluginSource } from '../plugins/pluginSource.ts';

const parts = { state: oneOf(pluginStateNames), page: paging };

/** The plugins that a deployment keeps, or has withdrawn and that are still there. */
export function InstancesTab({ deploymentId }: { readonly deploymentId: string }) {
  const { client, socket } = useServices();
  const url = useQuery(parts);
  const { query } = url;
  const source = useMemo(
    () =>
      pluginSource(
        client,
        socket,
        { deploymentId: { eq: deploymentId }, ...(query.state !== null && { state: { eq: query.state } }) },
        { orderBy: [{ field: 'STATE', direction: 'DESC' }], ...pageVariables(query.page) },
      ),
    [client, socket, deploymentId, query],
  );
  const list = useLiveList(source);
  return (
    <>
      <ListBar list={list} what="plugins" paging={query.page} onPage={(page) => url.change({ page })}>
        <Segments
          label="State"
          options={[
            { value: null, label: 'All' },
            { value: 'ACTIVE', label: 'Active' },
            { value: 'ERROR', label: 'Error' },
          ]}
          chosen={query.state}
          onChange={(state) => url.change({ state })}
        />
      </ListBar>
      <LiveTable<PluginRowFragment>
        caption="Plugins of the deployment"
        list={list}
        columns={instanceColumns}
        empty={
          <NoRows what="plugin" icon={Blocks} isFiltered={query.state !== null} onClear={url.clear}>
            It keeps no plugin: no supervisor matches, or it is paused.
          </NoRows>
        }
      />
    </>
  );
}
