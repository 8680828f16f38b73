import { recoverPlugin } from '@muster/core';
import type { Plugin as PluginModel } from '@muster/db';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { inputMutation } from './inputMutation.ts';
import { Plugin } from './plugin.ts';

inputMutation('recoverPlugin', {
  description:
    'Has a plugin installed and started again, whatever its state. RECOVER_NOT_SUPPORTED unless its supervisor is ENABLED.',
  inputDescription: 'The plugin to recover.',
  fields: (t) => ({
    supervisorId: t.id({ required: true, description: 'The id of the supervisor that the plugin is on.' }),
    pluginId: t.string({ required: true, description: 'The plugin id, which names the software.' }),
    version: t.string({ required: true, description: 'The version of the software.' }),
    domainId: t.id({ description: domainIdDescription.target }),
  }),
  payload: builder.objectRef<{ plugin: PluginModel }>('RecoverPluginPayload').implement({
    description: 'The answer to `recoverPlugin`.',
    fields: (t) => ({
      plugin: t.field({
        type: Plugin,
        description: 'The plugin after the change: RE_PROVISIONING, with a new generation.',
        resolve: ({ plugin }) => plugin,
      }),
    }),
  }),
  run: async (core, viewer, input) => ({ plugin: await recoverPlugin(core, viewer, input) }),
});
