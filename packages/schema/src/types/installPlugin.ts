import { installPlugin, uninstallPlugin, type WantedChange } from '@muster/core';
import { builder } from '../builder.ts';
import { fromInput } from '../inputs/input.ts';
import { Plugin } from './plugin.ts';

const InstallPluginInput = builder.inputType('InstallPluginInput', {
  description: 'What to install, and where.',
  fields: (t) => ({
    domainId: t.id({ description: 'For which domain; your own by default.' }),
    pluginId: t.string({ required: true, description: 'The software.' }),
    version: t.string({ required: true, description: 'Its version.' }),
    labels: t.field({
      type: 'JSONObject',
      description: 'What the labels of its supervisor must contain, such as `{"env": "prod"}`; nothing by default.',
    }),
    supervisorId: t.id({ description: 'The only supervisor that will do; by default the best of all.' }),
  }),
});

const InstallPluginPayload = builder.objectRef<WantedChange>('InstallPluginPayload').implement({
  description: 'The plugin that is wanted now.',
  fields: (t) => ({
    plugin: t.field({
      type: Plugin,
      description: 'The plugin: PROVISIONING, or whatever it is where it was there already.',
      resolve: ({ plugin }) => plugin,
    }),
    changed: t.exposeBoolean('changed', { description: 'Whether this made a wish; false where it was there already.' }),
  }),
});

builder.mutationField('installPlugin', (t) =>
  t.field({
    type: InstallPluginPayload,
    authScopes: { operate: true },
    description:
      'Has a plugin installed on the best supervisor that can take it; what the domain has already is returned. NO_POSSIBLE_SUPERVISOR, with why for each in `extensions.considered`, where nobody can.',
    args: { input: t.arg({ type: InstallPluginInput, required: true, description: 'What, and where.' }) },
    resolve: (_root, { input }, { core, viewer }) => fromInput(installPlugin(core, viewer, input)),
  }),
);

const UninstallPluginInput = builder.inputType('UninstallPluginInput', {
  description: 'What to uninstall, and where.',
  fields: (t) => ({
    domainId: t.id({ description: 'Of which domain; your own by default.' }),
    pluginId: t.string({ required: true, description: 'The software.' }),
    version: t.string({ required: true, description: 'Its version.' }),
    supervisorId: t.id({ description: 'On this supervisor alone; by default wherever the domain has it.' }),
  }),
});

const UninstallPluginPayload = builder.objectRef<readonly WantedChange[]>('UninstallPluginPayload').implement({
  description: 'The plugins that are to go.',
  fields: (t) => ({
    plugins: t.field({
      type: [Plugin],
      description: 'Those that are still there. Each is gone once its supervisor no longer reports it.',
      resolve: (withdrawn) => withdrawn.map(({ plugin }) => plugin),
    }),
  }),
});

builder.mutationField('uninstallPlugin', (t) =>
  t.field({
    type: UninstallPluginPayload,
    authScopes: { operate: true },
    description: 'Takes a version of a plugin off the lists of the supervisors that have it, which then remove it.',
    args: { input: t.arg({ type: UninstallPluginInput, required: true, description: 'What, and where.' }) },
    resolve: (_root, { input }, { core, viewer }) => fromInput(uninstallPlugin(core, viewer, input)),
  }),
);
