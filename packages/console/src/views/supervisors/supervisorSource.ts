import type { Client } from '../../data/client.ts';
import type { ListSource } from '../../data/listSource.ts';
import type { LiveSocket } from '../../data/liveSocket.ts';
import {
  type SupervisorFilter,
  type SupervisorPageQueryVariables,
  supervisorCount,
  supervisorPage,
  watchSupervisors,
} from '../../generated/operations.ts';

/** Supervisors as a live list: one query, and one subscription with the same filter. */
export function supervisorSource(
  client: Client,
  socket: LiveSocket,
  filter: SupervisorFilter,
  page: Omit<SupervisorPageQueryVariables, 'filter'>,
): ListSource {
  return {
    read: async (signal) => {
      const { viewer, supervisors } = await client.request(supervisorPage, { filter, ...page }, signal);
      if (!viewer || !supervisors) throw new Error('expected supervisors; got null');
      const { nodes, totalCount, pageInfo } = supervisors;
      return { cursor: viewer.cursor, ids: nodes.map(({ id }) => id), totalCount, pageInfo };
    },
    readRows: (ids, signal) =>
      client.request(supervisorPage, { filter: { id: { in: ids } }, first: ids.length }, signal),
    count: async (signal) => (await client.request(supervisorCount, { filter }, signal)).supervisors?.totalCount ?? 0,
    watch: (after, ids, { event, failed }) =>
      socket.subscribe({
        document: watchSupervisors,
        variables: () => ({ filter: ids === null ? filter : { ...filter, id: { in: ids } }, after: after() }),
        next: ({ watchSupervisors: { type, cursor, supervisorId: id, supervisor: row } }) =>
          event({ type, cursor, id, row }),
        failed,
      }),
  };
}
