import type { ReadonlySignal } from '@preact/signals';
import type { Services } from '../../app/services.ts';
import type { ListSource } from '../../data/listSource.ts';
import { oneRowSource } from '../../data/oneRowSource.ts';
import { tickedSource } from '../../data/tickedSource.ts';
import {
  type RolloutPageQueryVariables,
  rolloutById,
  rolloutChanged,
  rolloutPage,
} from '../../generated/operations.ts';

/** A page of rollouts, the newest first. @param tick moves when they may have changed */
export function rolloutListSource(
  { client, entities }: Pick<Services, 'client' | 'entities'>,
  tick: ReadonlySignal<unknown>,
  variables: RolloutPageQueryVariables,
): ListSource {
  return tickedSource({
    entities,
    tick,
    readPage: async (signal) => {
      const { viewer, rollouts } = await client.request(rolloutPage, variables, signal);
      if (!viewer || !rollouts) throw new Error('expected rollouts; got null');
      const { nodes: rows, totalCount, pageInfo } = rollouts;
      return { cursor: viewer.cursor, rows, totalCount, pageInfo };
    },
  });
}

/**
 * One rollout as a list of one, watched with each of its steps (R7).
 *
 * @param onChange called when the rollout or one of its steps has changed
 */
export function rolloutSource(
  { client, socket }: Pick<Services, 'client' | 'socket'>,
  id: string,
  onChange: () => void,
): ListSource {
  return oneRowSource({
    read: async (signal) => {
      const { viewer, rollout: row } = await client.request(rolloutById, { id }, signal);
      return { viewer, row };
    },
    watch: (after, { event, failed }) =>
      socket.subscribe({
        document: rolloutChanged,
        variables: () => ({ id, after: after() }),
        next: ({ rolloutChanged: { cursor, rollout: row } }) => {
          event({ type: 'MODIFIED', id, cursor, row });
          onChange();
        },
        failed,
      }),
  });
}
