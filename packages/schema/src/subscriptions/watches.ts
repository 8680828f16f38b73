import { pluginWatch, supervisorWatch, type WatchEvent, type watchEventTypes } from '@muster/core';
import type { Plugin as PluginModel, Supervisor as SupervisorModel } from '@muster/db';
import { builder, type ObjectFields } from '../builder.ts';
import { PluginFilter, SupervisorFilter } from '../inputs/entityFilters.ts';
import { Plugin } from '../types/plugin.ts';
import { Supervisor } from '../types/supervisor.ts';
import { cursorField } from './changeFields.ts';
import { streamArguments } from './streamArguments.ts';

const WatchEventType = builder.enumType('WatchEventType', {
  description: 'The kind of an event of a watched list.',
  values: {
    ADDED: { description: 'An object is in the list: from the start, or from now on.' },
    MODIFIED: { description: 'An object of the list changed, and stays in the list.' },
    REMOVED: {
      description: 'An object left the list: it was deleted, or no longer matches. The event has only the id.',
    },
    SYNCED: { description: 'All objects that were in the list at the start have been sent; live changes follow.' },
    BOOKMARK: {
      description: 'No change of the list up to this cursor. Sent at least every 30 seconds while nothing else is.',
    },
  } as const satisfies Record<(typeof watchEventTypes)[number], object>,
});

/** The fields that each event of a watched list has, whatever is listed. */
const watchFields = <Event extends WatchEvent<{ id: string; domainId: string }>>(t: ObjectFields<Event>) => ({
  type: t.field({
    type: WatchEventType,
    description: 'The kind of event.',
    resolve: ({ type }) => type,
  }),
  cursor: cursorField(
    t,
    'The place of this event in the order of all changes: give it as `after` to resume behind this event. Cursors before SYNCED belong to an incomplete list.',
  ),
});

const afterDescription =
  'Skip the snapshot and resume behind this cursor: no change is lost or repeated. CURSOR_EXPIRED where the changes since are no longer kept, or were lost in a restore.';

const SupervisorWatchEvent = builder.objectRef<WatchEvent<SupervisorModel>>('SupervisorWatchEvent').implement({
  description: 'An event of a watched list of supervisors.',
  fields: (t) => ({
    ...watchFields(t),
    supervisorId: t.id({
      nullable: true,
      description: 'The id of the supervisor, in ADDED, MODIFIED and REMOVED; otherwise null.',
      resolve: ({ id }) => id,
    }),
    supervisor: t.field({
      type: Supervisor,
      nullable: true,
      description: 'The supervisor as of this event, in ADDED and MODIFIED; otherwise null.',
      resolve: ({ row }) => row,
    }),
  }),
});

builder.subscriptionField('watchSupervisors', (t) =>
  t.field({
    type: SupervisorWatchEvent,
    authScopes: { read: true },
    description:
      'Keeps a list of supervisors up to date: first ADDED for each supervisor that matches (and changes that happen meanwhile), then SYNCED, then every later change of a supervisor that matches before or after the change.',
    args: {
      ...streamArguments(t.arg, afterDescription),
      filter: t.arg({
        type: SupervisorFilter,
        description:
          'The supervisors to watch. Default: all. With a condition on plugins, changes of plugins add and remove supervisors too.',
      }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await supervisorWatch(core, viewer, args)),
    resolve: (event) => event,
  }),
);

const PluginWatchEvent = builder.objectRef<WatchEvent<PluginModel>>('PluginWatchEvent').implement({
  description: 'An event of a watched list of plugins.',
  fields: (t) => ({
    ...watchFields(t),
    pluginInstanceId: t.id({
      nullable: true,
      description: 'The id of the plugin, in ADDED, MODIFIED and REMOVED; otherwise null.',
      resolve: ({ id }) => id,
    }),
    plugin: t.field({
      type: Plugin,
      nullable: true,
      description: 'The plugin as of this event, in ADDED and MODIFIED; otherwise null.',
      resolve: ({ row }) => row,
    }),
  }),
});

builder.subscriptionField('watchPlugins', (t) =>
  t.field({
    type: PluginWatchEvent,
    authScopes: { read: true },
    description:
      'Keeps a list of plugins up to date: first ADDED for each plugin that matches (and changes that happen meanwhile), then SYNCED, then every later change of a plugin that matches before or after the change.',
    args: {
      ...streamArguments(t.arg, afterDescription),
      filter: t.arg({
        type: PluginFilter,
        description:
          'The plugins to watch. Default: all. With a condition on the supervisor, changes of supervisors add and remove plugins too.',
      }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await pluginWatch(core, viewer, args)),
    resolve: (event) => event,
  }),
);
