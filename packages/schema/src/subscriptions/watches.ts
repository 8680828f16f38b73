import { cursorOf, pluginWatch, supervisorWatch, type WatchEvent, type watchEventTypes } from '@muster/core';
import type { Plugin as PluginModel, Supervisor as SupervisorModel } from '@muster/db';
import { builder } from '../builder.ts';
import { PluginFilter, SupervisorFilter } from '../inputs/entityFilters.ts';
import { Plugin } from '../types/plugin.ts';
import { Supervisor } from '../types/supervisor.ts';

const WatchEventType = builder.enumType('WatchEventType', {
  description: 'What happened to a watched list.',
  values: {
    ADDED: { description: 'A row is in the list: from the beginning, or from now on.' },
    MODIFIED: { description: 'A row of the list changed, and stays in it.' },
    REMOVED: { description: 'A row left the list: it is gone, or no longer matches. Only its id is told.' },
    SYNCED: { description: 'All rows that were in the list at the beginning have been sent; from here on it is live.' },
    BOOKMARK: {
      description: 'Nothing happened up to this cursor. At least every 30 seconds while nothing else comes.',
    },
  } as const satisfies Record<(typeof watchEventTypes)[number], object>,
});

const cursorDescription =
  'Its place in the order of all changes. Give it as `after` to go on from here; those before SYNCED stand for no complete list yet.';

const SupervisorWatchEvent = builder.objectRef<WatchEvent<SupervisorModel>>('SupervisorWatchEvent').implement({
  description: 'Something happened to a watched list of supervisors.',
  fields: (t) => ({
    type: t.expose('type', { type: WatchEventType, description: 'What happened.' }),
    cursor: t.field({
      type: 'Cursor',
      description: cursorDescription,
      resolve: (event, _args, { core }) => cursorOf(core, event.seq),
    }),
    supervisor: t.field({
      type: Supervisor,
      nullable: true,
      description: 'The supervisor as of this event, in ADDED and MODIFIED.',
      resolve: ({ row }) => row,
    }),
    id: t.exposeID('id', { nullable: true, description: "The supervisor's id, in ADDED, MODIFIED and REMOVED." }),
  }),
});

builder.subscriptionField('watchSupervisors', (t) =>
  t.field({
    type: SupervisorWatchEvent,
    authScopes: { read: true },
    description:
      'Keeps a list true: first ADDED for each supervisor that matches (and what changes while many are read), then SYNCED, then every later change of one that matched before or after it.',
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN sees all domains, or the one named here.' }),
      filter: t.arg({
        type: SupervisorFilter,
        description: 'Which supervisors; all by default. One whose plugins begin or stop to match is told of, too.',
      }),
      after: t.arg({
        type: 'Cursor',
        description: 'No snapshot: go on after this place, with no change lost or repeated.',
      }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await supervisorWatch(core, viewer, args)),
    resolve: (event) => event,
  }),
);

const PluginWatchEvent = builder.objectRef<WatchEvent<PluginModel>>('PluginWatchEvent').implement({
  description: 'Something happened to a watched list of plugins.',
  fields: (t) => ({
    type: t.expose('type', { type: WatchEventType, description: 'What happened.' }),
    cursor: t.field({
      type: 'Cursor',
      description: cursorDescription,
      resolve: (event, _args, { core }) => cursorOf(core, event.seq),
    }),
    plugin: t.field({
      type: Plugin,
      nullable: true,
      description: 'The plugin as of this event, in ADDED and MODIFIED.',
      resolve: ({ row }) => row,
    }),
    id: t.exposeID('id', { nullable: true, description: "The plugin's id, in ADDED, MODIFIED and REMOVED." }),
  }),
});

builder.subscriptionField('watchPlugins', (t) =>
  t.field({
    type: PluginWatchEvent,
    authScopes: { read: true },
    description:
      'Keeps a list true: first ADDED for each plugin that matches (and what changes while many are read), then SYNCED, then every later change of one that matched before or after it.',
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN sees all domains, or the one named here.' }),
      filter: t.arg({
        type: PluginFilter,
        description: 'Which plugins; all by default. One whose supervisor begins or stops to match is told of, too.',
      }),
      after: t.arg({
        type: 'Cursor',
        description: 'No snapshot: go on after this place, with no change lost or repeated.',
      }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await pluginWatch(core, viewer, args)),
    resolve: (event) => event,
  }),
);
