import { builder, type InputFields } from '../builder.ts';
import { RolloutFailureAction } from './rollout.ts';

const RolloutCanaryInput = builder.inputType('RolloutCanaryInput', {
  description: 'The supervisors to upgrade first.',
  fields: (t) => ({
    count: t.int({
      required: true,
      description: 'The number of supervisors that must be upgraded before the others: 1 to 100,000.',
    }),
    autoPromoteSeconds: t.int({
      description:
        'The time in seconds after which the others follow by themselves, at most 2,592,000 (30 days). Default: never; `promoteRollout` has them follow.',
    }),
  }),
});

/** R1 to R5: the fields that say how fast and how carefully a rollout goes. */
export const rolloutPaceFields = (t: InputFields) => ({
  healthyDeadlineSeconds: t.int({
    description:
      'The time in seconds within which the new version must have been ACTIVE for `minHealthySeconds` on each supervisor, at most 2,592,000 (30 days). Default: as for an install, 600.',
  }),
  minHealthySeconds: t.int({
    description:
      'The time in seconds for which the new version must be ACTIVE without a break: less than `healthyDeadlineSeconds`. Default: 10, or as many as `healthyDeadlineSeconds` allows.',
  }),
  maxFailures: t.int({
    description: 'The number of supervisors that may fail before the rollout halts: 0 to 100,000. Default: 0.',
  }),
  onFailure: t.field({
    type: RolloutFailureAction,
    description: 'What the rollout does when more supervisors have failed than may. Default: ROLL_BACK.',
  }),
  deadlineSeconds: t.int({
    description:
      'The time in seconds for which supervisors that are not ENABLED, or cordoned, are waited for before they are skipped, at most 2,592,000 (30 days). Default: 86,400 (one day).',
  }),
  canary: t.field({
    type: RolloutCanaryInput,
    description: 'The supervisors to upgrade first, before the others wait for a promotion. Default: none.',
  }),
});
