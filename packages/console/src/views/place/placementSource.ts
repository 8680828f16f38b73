import type { ReadonlySignal } from '@preact/signals';
import type { Services } from '../../app/services.ts';
import type { ListSource } from '../../data/listSource.ts';
import { tickedSource } from '../../data/tickedSource.ts';
import {
  type ConsideredFragment,
  type ExplainPlacementQueryVariables,
  explainPlacement,
} from '../../generated/operations.ts';

/** A considered supervisor as a row, whose id says of what it is a candidate. */
export type Candidate = ConsideredFragment & { readonly __typename: 'ConsideredSupervisor'; readonly id: string };

/**
 * A page of the supervisors that an install, or a deployment, considers.
 *
 * @param tick moves when they may have changed
 */
export function placementSource(
  { client, entities }: Pick<Services, 'client' | 'entities'>,
  tick: ReadonlySignal<unknown>,
  variables: ExplainPlacementQueryVariables,
): ListSource {
  const { first: _first, after: _after, last: _last, before: _before, ...wish } = variables;
  const subject = JSON.stringify(wish);
  return tickedSource({
    entities,
    tick,
    readPage: async (signal) => {
      const { viewer, explainPlacement: considered } = await client.request(explainPlacement, variables, signal);
      if (!viewer || !considered) throw new Error('expected considered supervisors; got null');
      const { nodes, totalCount, pageInfo } = considered;
      const rows = nodes.map(
        (node): Candidate => ({ ...node, __typename: 'ConsideredSupervisor', id: `${subject}/${node.supervisorId}` }),
      );
      return { cursor: viewer.cursor, rows, totalCount, pageInfo };
    },
  });
}
