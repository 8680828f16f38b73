import type { ReadonlySignal } from '@preact/signals';
import type { Services } from '../../app/services.ts';
import type { ListSource } from '../../data/listSource.ts';
import { oneRowSource } from '../../data/oneRowSource.ts';
import { tickedSource } from '../../data/tickedSource.ts';
import {
  type DeploymentPageQueryVariables,
  deploymentById,
  deploymentChanged,
  deploymentPage,
} from '../../generated/operations.ts';

/** A page of deployments. @param tick moves when they may have changed */
export function deploymentListSource(
  { client, entities }: Pick<Services, 'client' | 'entities'>,
  tick: ReadonlySignal<unknown>,
  variables: DeploymentPageQueryVariables,
): ListSource {
  return tickedSource({
    entities,
    tick,
    readPage: async (signal) => {
      const { viewer, deployments } = await client.request(deploymentPage, variables, signal);
      if (!viewer || !deployments) throw new Error('expected deployments; got null');
      const { nodes: rows, totalCount, pageInfo } = deployments;
      return { cursor: viewer.cursor, rows, totalCount, pageInfo };
    },
  });
}

/** One deployment as a list of one, watched with its status. @param onChange called when it has changed */
export function deploymentSource(
  { client, socket }: Pick<Services, 'client' | 'socket'>,
  id: string,
  onChange: () => void,
): ListSource {
  return oneRowSource({
    read: async (signal) => {
      const { viewer, deployment: row } = await client.request(deploymentById, { id }, signal);
      return { viewer, row };
    },
    watch: (after, { event, failed }) =>
      socket.subscribe({
        document: deploymentChanged,
        variables: () => ({ id, after: after() }),
        next: ({ deploymentChanged: { cursor, kind, deployment: row } }) => {
          const isGone = kind === 'DEPLOYMENT_DELETED';
          event({ type: isGone ? 'REMOVED' : 'MODIFIED', id, cursor, row: isGone ? null : row });
          onChange();
        },
        failed,
      }),
  });
}
