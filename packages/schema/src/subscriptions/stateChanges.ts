import { type PluginChange, pluginStates, type SupervisorChange, supervisorStates } from '@muster/core';
import { builder } from '../builder.ts';
import { BooleanFilter, JSONObjectFilter, partsHold, StringFilter } from '../inputs/filters.ts';
import { PluginState, PluginStateFilter, SupervisorState, SupervisorStateFilter } from '../inputs/states.ts';
import { Plugin } from '../types/plugin.ts';
import { Supervisor } from '../types/supervisor.ts';
import { changeFields } from './changeFields.ts';
import { streamArguments } from './streamArguments.ts';

const afterDescription =
  'Resume behind this cursor: no change is lost or repeated. Default: start with the next change. CURSOR_EXPIRED where the changes since are no longer kept, or were lost in a restore.';

const SupervisorStateChange = builder.objectRef<SupervisorChange>('SupervisorStateChange').implement({
  description: 'A change of the state of a supervisor.',
  fields: (t) => ({
    ...changeFields(t),
    from: t.field({
      type: SupervisorState,
      description: 'The state before the change; NONE for a new supervisor.',
      resolve: ({ from }) => from ?? 'NONE',
    }),
    to: t.field({
      type: SupervisorState,
      description: 'The state after the change; NONE for a deleted supervisor.',
      resolve: ({ to }) => to ?? 'NONE',
    }),
    supervisor: t.field({
      type: Supervisor,
      description: 'The supervisor as of this change; `lastSeenAt` and `plugins` as of now.',
      resolve: ({ supervisor }) => supervisor,
    }),
  }),
});

const SupervisorEventFilter = builder.inputType('SupervisorEventFilter', {
  description: `A condition on changes of supervisors, which the supervisor must meet as of the change. ${partsHold}`,
  fields: (t) => ({
    supervisorId: t.field({ type: StringFilter, description: 'A condition on the id of the supervisor.' }),
    name: t.field({ type: StringFilter, description: 'A condition on the name.' }),
    hostname: t.field({ type: StringFilter, description: 'A condition on the hostname.' }),
    isPublic: t.field({
      type: BooleanFilter,
      description: 'A condition on whether plugins of other domains are taken.',
    }),
    labels: t.field({ type: JSONObjectFilter, description: 'A condition on the labels.' }),
    from: t.field({ type: SupervisorStateFilter, description: 'A condition on the state before the change.' }),
    to: t.field({ type: SupervisorStateFilter, description: 'A condition on the state after the change.' }),
    reason: t.field({ type: StringFilter, description: 'A condition on the reason.' }),
    actor: t.field({ type: StringFilter, description: 'A condition on the actor.' }),
  }),
});

builder.subscriptionField('supervisorStateChanged', (t) =>
  t.field({
    type: SupervisorStateChange,
    authScopes: { read: true },
    description:
      'The changes of the states of supervisors, in the order in which they were committed; creations and deletions included.',
    args: {
      ...streamArguments(t.arg, afterDescription),
      filter: t.arg({ type: SupervisorEventFilter, description: 'The changes to send. Default: all.' }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await supervisorStates(core, viewer, args)),
    resolve: (change) => change,
  }),
);

const PluginStateChange = builder.objectRef<PluginChange>('PluginStateChange').implement({
  description: 'A change of the state of a plugin.',
  fields: (t) => ({
    ...changeFields(t),
    from: t.field({
      type: PluginState,
      description: 'The state before the change; NONE for a new plugin.',
      resolve: ({ from }) => from ?? 'NONE',
    }),
    to: t.field({
      type: PluginState,
      description: 'The state after the change; NONE for a deleted plugin.',
      resolve: ({ to }) => to ?? 'NONE',
    }),
    plugin: t.field({
      type: Plugin,
      description: 'The plugin as of this change; its supervisor as of now.',
      resolve: ({ plugin }) => plugin,
    }),
  }),
});

const PluginEventFilter = builder.inputType('PluginEventFilter', {
  description: `A condition on changes of plugins, which the plugin must meet as of the change. ${partsHold}`,
  fields: (t) => ({
    pluginInstanceId: t.field({
      type: StringFilter,
      description: 'A condition on the id of the plugin: `instance-` and 16 hex digits.',
    }),
    supervisorId: t.field({ type: StringFilter, description: 'A condition on the id of the supervisor.' }),
    pluginId: t.field({ type: StringFilter, description: 'A condition on the plugin id, which names the software.' }),
    version: t.field({ type: StringFilter, description: 'A condition on the version.' }),
    managed: t.field({
      type: BooleanFilter,
      description: 'A condition on whether the control plane manages the plugin.',
    }),
    from: t.field({ type: PluginStateFilter, description: 'A condition on the state before the change.' }),
    to: t.field({ type: PluginStateFilter, description: 'A condition on the state after the change.' }),
    reason: t.field({ type: StringFilter, description: 'A condition on the reason.' }),
    actor: t.field({ type: StringFilter, description: 'A condition on the actor.' }),
  }),
});

builder.subscriptionField('pluginStateChanged', (t) =>
  t.field({
    type: PluginStateChange,
    authScopes: { read: true },
    description:
      'The changes of the states of plugins, in the order in which they were committed; creations and deletions included.',
    args: {
      ...streamArguments(t.arg, afterDescription),
      filter: t.arg({ type: PluginEventFilter, description: 'The changes to send. Default: all.' }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await pluginStates(core, viewer, args)),
    resolve: (change) => change,
  }),
);
