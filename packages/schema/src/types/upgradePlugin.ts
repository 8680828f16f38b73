import { upgradePlugin } from '@muster/core';
import type { Rollout as RolloutModel } from '@muster/db';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { inputMutation } from './inputMutation.ts';
import { Rollout, RolloutFailureAction } from './rollout.ts';

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

inputMutation('upgradePlugin', {
  description:
    'Replaces a version of a managed plugin on all supervisors that have it: the new version is installed beside the old version, which is removed once the new version has been ACTIVE for a while. If more than `maxFailures` fail, the old version is restored everywhere, or the rollout pauses. PLUGIN_STATE while another rollout of the plugin is under way, or where the release of version `to` is retired.',
  inputDescription: 'The plugin to upgrade, and the pace of the upgrade.',
  fields: (t) => ({
    domainId: t.id({ description: domainIdDescription.single }),
    pluginId: t.string({ required: true, description: 'The plugin id, which names the software.' }),
    from: t.string({ required: true, description: 'The version to replace.' }),
    to: t.string({ required: true, description: 'The version to install; must differ from `from`.' }),
    labels: t.field({
      type: 'JSONObject',
      description: 'The labels that a supervisor must have to take part. Default: all supervisors take part.',
    }),
    maxUnavailable: t.int({
      description: 'The maximum number of supervisors that are upgraded at the same time: 1 to 100,000. Default: 1.',
    }),
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
  }),
  payload: builder.objectRef<{ rollout: RolloutModel }>('UpgradePluginPayload').implement({
    description: 'The answer to `upgradePlugin`.',
    fields: (t) => ({
      rollout: t.field({
        type: Rollout,
        description:
          'The rollout: a new one, the one between these versions that is under way, or the last one where nothing is left to upgrade.',
        resolve: ({ rollout }) => rollout,
      }),
    }),
  }),
  run: async (core, viewer, input) => ({ rollout: await upgradePlugin(core, viewer, input) }),
});
