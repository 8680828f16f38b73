import { upgradePlugin } from '@muster/core';
import type { Rollout as RolloutModel } from '@muster/db';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { inputMutation } from './inputMutation.ts';
import { Rollout } from './rollout.ts';
import { rolloutPaceFields } from './rolloutPace.ts';

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
    ...rolloutPaceFields(t),
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
