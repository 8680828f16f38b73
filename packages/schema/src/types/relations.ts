import { builder } from '../builder.ts';
import { PluginFilter } from '../inputs/entityFilters.ts';
import { Plugin, PluginConnection, PluginOrder } from './plugin.ts';
import { Supervisor } from './supervisor.ts';

/*
 * The fields by which supervisors and plugins lead to each other. They stand in a file that imports both types, so that
 * the types' own files need not import each other.
 */

builder.objectField(Supervisor, 'plugins', (t) =>
  t.field({
    type: PluginConnection,
    description: 'What runs, or is to run, on it: of your own domain.',
    args: {
      filter: t.arg({ type: PluginFilter, description: 'Which plugins; all by default.' }),
      orderBy: t.arg({ type: [PluginOrder], description: 'By plugin id and version unless said otherwise.' }),
      ...t.arg.connectionArgs(),
    },
    resolve: (supervisor, args, { loaders }) => loaders.pluginsOf(supervisor.id, args),
  }),
);

builder.objectField(Plugin, 'supervisor', (t) =>
  t.field({
    type: Supervisor,
    description: 'The supervisor that it is on, as it is now; one that has been deregistered as it last was.',
    resolve: (plugin, _args, { loaders }) => loaders.supervisorOfPlugin.load(plugin.supervisorId),
  }),
);
