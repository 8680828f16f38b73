import { type PluginStat as PluginStatShape, type pluginGroupKeys, pluginStats } from '@muster/core';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { PluginFilter } from '../inputs/entityFilters.ts';
import { PluginState } from '../inputs/states.ts';

const PluginGroupKey = builder.enumType('PluginGroupKey', {
  description: 'A key by which plugins can be counted.',
  values: {
    STATE: { description: 'The state.' },
    PLUGIN_ID: { description: 'The plugin id, which names the software.' },
    VERSION: { description: 'The version.' },
    SUPERVISOR_ID: { description: 'The id of the supervisor.' },
    MANAGED: { description: 'Whether the control plane manages the plugins.' },
  } as const satisfies Record<(typeof pluginGroupKeys)[number], object>,
});

const PluginStat = builder.objectRef<PluginStatShape>('PluginStat').implement({
  description: 'A group of plugins that are equal in the keys of `groupBy`. Fields of other keys are null.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'The number of plugins in the group.' }),
    state: t.expose('state', { type: PluginState, nullable: true, description: 'The state of the group.' }),
    pluginId: t.exposeString('pluginId', { nullable: true, description: 'The plugin id of the group.' }),
    version: t.exposeString('version', { nullable: true, description: 'The version of the group.' }),
    supervisorId: t.exposeID('supervisorId', { nullable: true, description: 'The supervisor id of the group.' }),
    managed: t.exposeBoolean('managed', {
      nullable: true,
      description: 'Whether the control plane manages the plugins of the group.',
    }),
  }),
});

builder.queryField('pluginStats', (t) =>
  t.field({
    type: [PluginStat],
    authScopes: { read: true },
    nullable: true,
    description: 'The numbers of plugins by group, the largest group first. More than 10,000 groups are refused.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      filter: t.arg({ type: PluginFilter, description: 'The plugins to count. Default: all.' }),
      groupBy: t.arg({ type: [PluginGroupKey], required: true, description: 'The keys to group by; at least one.' }),
    },
    resolve: (_root, args, { core, viewer }) => pluginStats(core, viewer, args),
  }),
);
