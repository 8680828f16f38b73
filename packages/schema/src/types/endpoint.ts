import { type AcquiredEndpoint, acquirePluginEndpoint } from '@muster/core';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { prefixInputErrors } from '../inputs/prefixInputErrors.ts';
import { PluginState } from '../inputs/states.ts';
import { Plugin } from './plugin.ts';

const AcquirePluginEndpointInput = builder.inputType('AcquirePluginEndpointInput', {
  description: 'The plugin to call, and how long to wait for it.',
  fields: (t) => ({
    domainId: t.id({ description: domainIdDescription.single }),
    pluginId: t.string({ required: true, description: 'The plugin id, which names the software.' }),
    version: t.string({ description: 'The version of the software. Default: the newest version that is ACTIVE.' }),
    labels: t.field({
      type: 'JSONObject',
      description: 'The labels that the supervisor must have, such as `{"env": "prod"}`. Default: none are required.',
    }),
    allowPublic: t.boolean({
      description: 'Whether an instance on a public supervisor of another domain qualifies. Default: true.',
    }),
    waitSeconds: t.float({ description: 'The maximum time in seconds to wait for an endpoint: 0 to 300. Default: 0.' }),
  }),
});

const AcquirePluginEndpointPayload = builder.objectRef<AcquiredEndpoint>('AcquirePluginEndpointPayload').implement({
  description: 'The answer to `acquirePluginEndpoint`: an endpoint, or the state of the plugin that was waited for.',
  fields: (t) => ({
    endpoint: t.exposeString('endpoint', {
      nullable: true,
      description: 'The endpoint, chosen in turn among the ACTIVE ones; null where there was none in time.',
    }),
    version: t.exposeString('version', {
      description: 'The version at the endpoint; without an endpoint, the version that was waited for.',
    }),
    state: t.expose('state', {
      type: PluginState,
      description: 'ACTIVE with an endpoint; otherwise the state of the plugin when the wait ended.',
    }),
    plugin: t.field({
      type: Plugin,
      nullable: true,
      description: 'The plugin that was waited for, as of the end of the wait; null with an endpoint.',
      resolve: ({ plugin }) => plugin,
    }),
  }),
});

builder.mutationField('acquirePluginEndpoint', (t) =>
  t.field({
    type: AcquirePluginEndpointPayload,
    authScopes: { read: true },
    nullable: true,
    description:
      'Hands out an ACTIVE endpoint of a plugin, round robin. Where there is none, a request with `version` by an OPERATOR or ADMIN installs the plugin; the answer comes as soon as an endpoint is ACTIVE, or when `waitSeconds` have passed. NO_POSSIBLE_SUPERVISOR where there is no plugin to wait for, and none can be placed. PLUGIN_STATE where it would have to install a version whose release is retired.',
    args: {
      input: t.arg({
        type: AcquirePluginEndpointInput,
        required: true,
        description: 'The plugin to call, and how long to wait for it.',
      }),
    },
    resolve: (_root, { input }, { core, viewer }) => prefixInputErrors(acquirePluginEndpoint(core, viewer, input)),
  }),
);
