import type { ReadonlySignal } from '@preact/signals';
import type { Services } from '../../app/services.ts';
import type { ListSource } from '../../data/listSource.ts';
import { tickedSource } from '../../data/tickedSource.ts';
import { type ReleasePageQueryVariables, releasePage } from '../../generated/operations.ts';

/** A page of releases. @param tick moves when they may have changed */
export function releaseSource(
  { client, entities }: Pick<Services, 'client' | 'entities'>,
  tick: ReadonlySignal<unknown>,
  variables: ReleasePageQueryVariables,
): ListSource {
  return tickedSource({
    entities,
    tick,
    readPage: async (signal) => {
      const { viewer, releases } = await client.request(releasePage, variables, signal);
      if (!viewer || !releases) throw new Error('expected releases; got null');
      const { nodes: rows, totalCount, pageInfo } = releases;
      return { cursor: viewer.cursor, rows, totalCount, pageInfo };
    },
  });
}
