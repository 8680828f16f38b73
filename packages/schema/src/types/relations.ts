import { builder, connection } from '../builder.ts';
import { PluginFilter } from '../inputs/entityFilters.ts';
import { Plugin, PluginConnection, PluginOrder, pluginOrderDescription } from './plugin.ts';
import { Supervisor } from './supervisor.ts';

/*
 * The fields by which supervisors and plugins lead to each other. They stand in a file that imports both types, so that
 * the types' own files need not import each other.
 */

builder.objectField(Supervisor, 'plugins', (t) =>
  t.field({
    type: PluginConnection,
    description: 'A page of the plugins on this supervisor: those of your own domain.',
    args: {
      filter: t.arg({ type: PluginFilter, description: 'The plugins to list. Default: all.' }),
      orderBy: t.arg({ type: [PluginOrder], description: pluginOrderDescription }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (supervisor, args, { loaders }) => connection(await loaders.pluginsOf(supervisor.id, args)),
  }),
);

builder.objectField(Plugin, 'supervisor', (t) =>
  t.field({
    type: Supervisor,
    description: 'The present supervisor of the plugin; after its deletion, the supervisor as it last was.',
    resolve: (plugin, _args, { loaders }) => loaders.supervisorOfPlugin.load(plugin.supervisorId),
  }),
);
