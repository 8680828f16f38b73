import { cursorOf, type PluginChange, pluginStates, type SupervisorChange, supervisorStates } from '@muster/core';
import { builder } from '../builder.ts';
import { BooleanFilter, JSONObjectFilter, StringFilter } from '../inputs/filters.ts';
import { PluginState, PluginStateFilter, SupervisorState, SupervisorStateFilter } from '../inputs/states.ts';
import { Plugin } from '../types/plugin.ts';
import { Supervisor } from '../types/supervisor.ts';

const SupervisorStateChange = builder.objectRef<SupervisorChange>('SupervisorStateChange').implement({
  description: 'A supervisor went from one state to another.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Its place in the order of all changes; give it as `after` to go on from here.',
      resolve: (change, _args, { core }) => cursorOf(core, change.seq),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was committed.' }),
    from: t.field({
      type: SupervisorState,
      description: 'The state before; NONE for a newcomer.',
      resolve: ({ from }) => from ?? 'NONE',
    }),
    to: t.field({
      type: SupervisorState,
      description: 'The state after; NONE for one that was deregistered.',
      resolve: ({ to }) => to ?? 'NONE',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it came about.' }),
    actor: t.exposeString('actor', { nullable: true, description: 'Whose doing it was.' }),
    supervisor: t.field({
      type: Supervisor,
      description: 'The supervisor as of this change; `connected`, `lastSeenAt` and `plugins` as of now.',
      resolve: ({ supervisor }) => supervisor,
    }),
  }),
});

const SupervisorEventFilter = builder.inputType('SupervisorEventFilter', {
  description: 'Which changes are meant. All that is given must hold, of the supervisor as of the change.',
  fields: (t) => ({
    supervisorId: t.field({ type: StringFilter, description: 'By the supervisor.' }),
    name: t.field({ type: StringFilter, description: 'By its name.' }),
    hostname: t.field({ type: StringFilter, description: 'By its hostname.' }),
    isPublic: t.field({ type: BooleanFilter, description: 'By its publicity.' }),
    labels: t.field({ type: JSONObjectFilter, description: 'By its labels.' }),
    from: t.field({ type: SupervisorStateFilter, description: 'By the state before.' }),
    to: t.field({ type: SupervisorStateFilter, description: 'By the state after.' }),
    reason: t.field({ type: StringFilter, description: 'By why it came about.' }),
    actor: t.field({ type: StringFilter, description: 'By whose doing it was.' }),
  }),
});

builder.subscriptionField('supervisorStateChanged', (t) =>
  t.field({
    type: SupervisorStateChange,
    authScopes: { read: true },
    description: "Each change of a supervisor's state, in the order of commits; its coming and going included.",
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN sees all domains, or the one named here.' }),
      filter: t.arg({ type: SupervisorEventFilter, description: 'Which changes; all by default.' }),
      after: t.arg({
        type: 'Cursor',
        description: 'Go on after this place, with no change lost or repeated; from now on by default.',
      }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await supervisorStates(core, viewer, args)),
    resolve: (change) => change,
  }),
);

const PluginStateChange = builder.objectRef<PluginChange>('PluginStateChange').implement({
  description: 'A plugin went from one state to another.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Its place in the order of all changes; give it as `after` to go on from here.',
      resolve: (change, _args, { core }) => cursorOf(core, change.seq),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was committed.' }),
    from: t.field({
      type: PluginState,
      description: 'The state before; NONE for a new one.',
      resolve: ({ from }) => from ?? 'NONE',
    }),
    to: t.field({
      type: PluginState,
      description: 'The state after; NONE for one that is gone.',
      resolve: ({ to }) => to ?? 'NONE',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it came about.' }),
    actor: t.exposeString('actor', { nullable: true, description: 'Whose doing it was.' }),
    plugin: t.field({
      type: Plugin,
      description: 'The plugin as of this change; its supervisor as of now.',
      resolve: ({ plugin }) => plugin,
    }),
  }),
});

const PluginEventFilter = builder.inputType('PluginEventFilter', {
  description: 'Which changes are meant. All that is given must hold, of the plugin as of the change.',
  fields: (t) => ({
    id: t.field({ type: StringFilter, description: 'By the plugin on its supervisor.' }),
    supervisorId: t.field({ type: StringFilter, description: 'By its supervisor.' }),
    pluginId: t.field({ type: StringFilter, description: 'By the software that it is.' }),
    version: t.field({ type: StringFilter, description: 'By its version.' }),
    managed: t.field({ type: BooleanFilter, description: 'By whether the control plane wants it.' }),
    from: t.field({ type: PluginStateFilter, description: 'By the state before.' }),
    to: t.field({ type: PluginStateFilter, description: 'By the state after.' }),
    reason: t.field({ type: StringFilter, description: 'By why it came about.' }),
    actor: t.field({ type: StringFilter, description: 'By whose doing it was.' }),
  }),
});

builder.subscriptionField('pluginStateChanged', (t) =>
  t.field({
    type: PluginStateChange,
    authScopes: { read: true },
    description: "Each change of a plugin's state, in the order of commits; its coming and going included.",
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN sees all domains, or the one named here.' }),
      filter: t.arg({ type: PluginEventFilter, description: 'Which changes; all by default.' }),
      after: t.arg({
        type: 'Cursor',
        description: 'Go on after this place, with no change lost or repeated; from now on by default.',
      }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await pluginStates(core, viewer, args)),
    resolve: (change) => change,
  }),
);
