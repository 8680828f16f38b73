import type { ReadonlySignal } from '@preact/signals';
import type { Services } from '../../app/services.ts';
import type { ListSource } from '../../data/listSource.ts';
import { tickedSource } from '../../data/tickedSource.ts';
import { type RolloutStepsQuery, type RolloutStepsQueryVariables, rolloutSteps } from '../../generated/operations.ts';

/** A step as the API has it. */
export type Step = NonNullable<RolloutStepsQuery['rollout']>['steps']['nodes'][number];

/** A step as a row, whose id is that of its rollout and its supervisor. */
export type StepRow = Step & { readonly __typename: 'RolloutStep'; readonly id: string };

/** A page of the steps of a rollout. @param changes moves with each change of a step */
export function stepSource(
  { client, entities }: Pick<Services, 'client' | 'entities'>,
  changes: ReadonlySignal<unknown>,
  variables: RolloutStepsQueryVariables,
): ListSource {
  return tickedSource({
    entities,
    tick: changes,
    readPage: async (signal) => {
      const { viewer, rollout } = await client.request(rolloutSteps, variables, signal);
      if (!viewer || !rollout) throw new Error('expected a rollout; got null');
      const { nodes, totalCount, pageInfo } = rollout.steps;
      const rows = nodes.map(
        (step): StepRow => ({ ...step, __typename: 'RolloutStep', id: `${variables.id}/${step.supervisorId}` }),
      );
      return { cursor: viewer.cursor, rows, totalCount, pageInfo };
    },
  });
}
