import { commandRollout, type RolloutCommand } from '@muster/core';
import type { Rollout as RolloutModel } from '@muster/db';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { inputMutation, mutationTypeName } from './inputMutation.ts';
import { Rollout } from './rollout.ts';

/** Defines a mutation that gives an operator's command for a rollout. */
function rolloutMutation(
  name: string,
  command: RolloutCommand,
  { description, inputDescription }: { description: string; inputDescription: string },
): void {
  inputMutation(name, {
    description: `${description} PLUGIN_STATE where the rollout's state does not allow it.`,
    inputDescription,
    fields: (t) => ({
      rolloutId: t.id({ required: true, description: 'The id of the rollout: `rollout-` and 12 hex digits.' }),
      domainId: t.id({ description: domainIdDescription.target }),
    }),
    payload: builder.objectRef<{ rollout: RolloutModel }>(mutationTypeName(name, 'Payload')).implement({
      description: `The answer to \`${name}\`.`,
      fields: (t) => ({
        rollout: t.field({
          type: Rollout,
          description: 'The rollout after the command.',
          resolve: ({ rollout }) => rollout,
        }),
      }),
    }),
    run: async (core, viewer, input) => ({ rollout: await commandRollout(core, viewer, input, command) }),
  });
}

rolloutMutation('pauseRollout', 'pause', {
  description: 'Pauses a rollout: steps that are under way end, and no other begins.',
  inputDescription: 'The rollout to pause.',
});

rolloutMutation('resumeRollout', 'resume', {
  description: 'Has a paused rollout go on. Steps that failed before no longer count as failures.',
  inputDescription: 'The rollout to resume.',
});

rolloutMutation('cancelRollout', 'cancel', {
  description:
    'Ends a rollout where it is: supervisors that have been upgraded keep the new version, the others the old version.',
  inputDescription: 'The rollout to cancel.',
});

rolloutMutation('rollBackRollout', 'rollBack', {
  description: 'Has a rollout restore the old version everywhere.',
  inputDescription: 'The rollout to roll back.',
});

rolloutMutation('promoteRollout', 'promote', {
  description: 'Has a rollout whose canary is done go on with the other supervisors.',
  inputDescription: 'The rollout to promote.',
});

rolloutMutation('retryRollout', 'retry', {
  description:
    'Takes up the steps of a rollout that were skipped or failed, even after its end; of a rollout that could not go back everywhere, the way back.',
  inputDescription: 'The rollout to retry.',
});
