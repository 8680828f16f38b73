import { installPlugin, uninstallPlugin, type WantedChange } from '@muster/core';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { Deployment } from './deployment.ts';
import { inputMutation } from './inputMutation.ts';
import { Plugin } from './plugin.ts';

inputMutation('installPlugin', {
  description:
    'Installs a plugin on the best supervisor that can take it. A plugin that the domain has already is returned as it is. NO_POSSIBLE_SUPERVISOR where no supervisor can take it; `extensions.considered` says why for each. PLUGIN_STATE where the release of the version is retired. LIMIT where the domain has as many plugins as it may have.',
  inputDescription: 'The plugin to install, and the supervisors that qualify.',
  fields: (t) => ({
    domainId: t.id({ description: domainIdDescription.single }),
    pluginId: t.string({ required: true, description: 'The plugin id, which names the software.' }),
    version: t.string({ required: true, description: 'The version of the software.' }),
    labels: t.field({
      type: 'JSONObject',
      description: 'The labels that the supervisor must have, such as `{"env": "prod"}`. Default: none are required.',
    }),
    supervisorId: t.id({ description: 'The only supervisor that qualifies. Default: the best of all.' }),
    allowPublic: t.boolean({
      description:
        'Whether public supervisors of other domains may take the plugin, now and whenever it is moved. Default: true.',
    }),
  }),
  payload: builder.objectRef<WantedChange>('InstallPluginPayload').implement({
    description: 'The answer to `installPlugin`.',
    fields: (t) => ({
      plugin: t.field({
        type: Plugin,
        description: 'The plugin: PROVISIONING, or in its present state where the domain had it already.',
        resolve: ({ plugin }) => plugin,
      }),
      changed: t.exposeBoolean('changed', {
        description: 'Whether this request made the plugin wanted; false where the domain had it already.',
      }),
    }),
  }),
  run: (core, viewer, input) => installPlugin(core, viewer, input),
});

inputMutation('uninstallPlugin', {
  description:
    'Takes a version of a plugin off the assignments of the supervisors that have it; their agents then remove it. NOT_FOUND where the domain has no such plugin there.',
  inputDescription: 'The plugin to uninstall.',
  fields: (t) => ({
    domainId: t.id({ description: domainIdDescription.single }),
    pluginId: t.string({ required: true, description: 'The plugin id, which names the software.' }),
    version: t.string({ required: true, description: 'The version of the software.' }),
    supervisorId: t.id({
      description:
        'The only supervisor to uninstall from. Default: all supervisors on which the domain has the plugin.',
    }),
  }),
  payload: builder.objectRef<readonly WantedChange[]>('UninstallPluginPayload').implement({
    description: 'The answer to `uninstallPlugin`.',
    fields: (t) => ({
      plugins: t.field({
        type: [Plugin],
        description:
          'The plugins that are no longer wanted, at most 1,000 of them. Each is deleted once its agent no longer reports it.',
        resolve: (withdrawn) => withdrawn.slice(0, 1_000).map(({ plugin }) => plugin),
      }),
      count: t.int({
        description: 'The number of plugins that are no longer wanted.',
        resolve: (withdrawn) => withdrawn.length,
      }),
      keptBy: t.field({
        type: [Deployment],
        description:
          'The deployments that install some of these plugins again, since they keep them there, at most 1,000 of them; change or delete those to be rid of the plugins for good.',
        resolve: async (withdrawn, _args, { loaders }) => {
          const ids = new Set(withdrawn.flatMap(({ plugin: { deploymentId } }) => deploymentId ?? []));
          const found = await Promise.all([...ids].slice(0, 1_000).map((id) => loaders.deployment.load(id)));
          return found.filter((each) => each !== null);
        },
      }),
    }),
  }),
  run: (core, viewer, input) => uninstallPlugin(core, viewer, input),
});
