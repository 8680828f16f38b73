import { type AcquiredEndpoint, acquirePluginEndpoint } from '@muster/core';
import { builder } from '../builder.ts';
import { fromInput } from '../inputs/input.ts';
import { PluginState } from '../inputs/states.ts';
import { Plugin } from './plugin.ts';

const AcquirePluginEndpointInput = builder.inputType('AcquirePluginEndpointInput', {
  description: 'Which plugin is to be called.',
  fields: (t) => ({
    domainId: t.id({ description: 'Of which domain; your own by default.' }),
    pluginId: t.string({ required: true, description: 'The software.' }),
    version: t.string({ description: 'Its version; by default the newest that is ACTIVE.' }),
    labels: t.field({ type: 'JSONObject', description: 'What the labels of its supervisor must contain.' }),
    waitSeconds: t.float({ description: 'How long to wait for it, in seconds: 0 to 300, by default 0.' }),
  }),
});

const AcquirePluginEndpointPayload = builder.objectRef<AcquiredEndpoint>('AcquirePluginEndpointPayload').implement({
  description: 'Where a plugin answers, or how far it has come.',
  fields: (t) => ({
    endpoint: t.exposeString('endpoint', {
      nullable: true,
      description: 'An endpoint whose turn it is; null where there was none in time.',
    }),
    version: t.exposeString('version', { description: 'The version that answers there, or is to.' }),
    state: t.expose('state', {
      type: PluginState,
      description: 'ACTIVE with an endpoint; otherwise what the plugin had come to.',
    }),
    plugin: t.field({
      type: Plugin,
      nullable: true,
      description: 'The plugin that was waited for, as it was then; null with an endpoint.',
      resolve: ({ plugin }) => plugin,
    }),
  }),
});

builder.mutationField('acquirePluginEndpoint', (t) =>
  t.field({
    type: AcquirePluginEndpointPayload,
    authScopes: { read: true },
    description:
      'An ACTIVE endpoint of a plugin, each in its turn. Where there is none, an OPERATOR has the version installed; whoever waits is answered as soon as it is up. NO_POSSIBLE_SUPERVISOR where nobody can take it.',
    args: { input: t.arg({ type: AcquirePluginEndpointInput, required: true, description: 'Of what.' }) },
    resolve: (_root, { input }, { core, viewer }) => fromInput(acquirePluginEndpoint(core, viewer, input)),
  }),
);
