import type { ReadonlySignal } from '@preact/signals';
import type { Services } from '../../app/services.ts';
import type { ListSource } from '../../data/listSource.ts';
import { tickedSource } from '../../data/tickedSource.ts';
import { type KeyPageQueryVariables, keyPage } from '../../generated/operations.ts';

/** A page of API keys, the newest first. @param tick moves when they may have changed */
export function keySource(
  { client, entities }: Pick<Services, 'client' | 'entities'>,
  tick: ReadonlySignal<unknown>,
  variables: KeyPageQueryVariables,
): ListSource {
  return tickedSource({
    entities,
    tick,
    readPage: async (signal) => {
      const { viewer, apiKeys } = await client.request(keyPage, variables, signal);
      if (!viewer || !apiKeys) throw new Error('expected API keys; got null');
      const { nodes: rows, totalCount, pageInfo } = apiKeys;
      return { cursor: viewer.cursor, rows, totalCount, pageInfo };
    },
  });
}
