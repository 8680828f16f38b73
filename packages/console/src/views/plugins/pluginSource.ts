import type { Client } from '../../data/client.ts';
import type { ListSource } from '../../data/listSource.ts';
import type { LiveSocket } from '../../data/liveSocket.ts';
import {
  type PluginFilter,
  type PluginPageQueryVariables,
  pluginCount,
  pluginPage,
  watchPlugins,
} from '../../generated/operations.ts';

/** Plugins as a live list: one query, and one subscription with the same filter. */
export function pluginSource(
  client: Client,
  socket: LiveSocket,
  filter: PluginFilter,
  page: Omit<PluginPageQueryVariables, 'filter'>,
): ListSource {
  return {
    read: async (signal) => {
      const { viewer, plugins } = await client.request(pluginPage, { filter, ...page }, signal);
      if (!viewer || !plugins) throw new Error('expected plugins; got null');
      const { nodes, totalCount, pageInfo } = plugins;
      return { cursor: viewer.cursor, ids: nodes.map(({ id }) => id), totalCount, pageInfo };
    },
    readRows: (ids, signal) => client.request(pluginPage, { filter: { id: { in: ids } }, first: ids.length }, signal),
    count: async (signal) => (await client.request(pluginCount, { filter }, signal)).plugins?.totalCount ?? 0,
    watch: (after, ids, { event, failed }) =>
      socket.subscribe({
        document: watchPlugins,
        variables: () => ({ filter: ids === null ? filter : { ...filter, id: { in: ids } }, after: after() }),
        next: ({ watchPlugins: { type, cursor, pluginInstanceId: id, plugin: row } }) =>
          event({ type, cursor, id, row }),
        failed,
      }),
  };
}
