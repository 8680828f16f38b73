import { derivedFields, getPlugin, listPlugins, type pluginOrderFields } from '@muster/core';
import { builder, connection } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { PluginFilter } from '../inputs/entityFilters.ts';
import { OrderDirection } from '../inputs/filters.ts';
import { PluginState } from '../inputs/states.ts';

/** One version of one plugin on one supervisor. */
export const Plugin = builder.prismaNode('Plugin', {
  description:
    'One version of one plugin on one supervisor: the state that is wanted, and the state that its agent last reported.',
  id: { field: 'id', description: 'The id of this plugin on this supervisor: `instance-` and 16 hex digits.' },
  fields: (t) => ({
    domainId: t.exposeID('domainId', { description: 'The domain (tenant) that the plugin belongs to.' }),
    pluginId: t.exposeString('pluginId', {
      description: 'The id of the software, such as `plugin-aws-ec2-inven-collector`.',
    }),
    version: t.exposeString('version', { description: 'The version of the software.' }),
    state: t.expose('state', { type: PluginState, description: 'The state in the lifecycle.' }),
    endpoint: t.exposeString('endpoint', {
      nullable: true,
      description:
        'The address that the agent last reported. Call it only while the plugin is ACTIVE and its supervisor is connected.',
    }),
    endpoints: t.exposeStringList('endpoints', { description: 'All addresses that the agent last reported.' }),
    managed: t.exposeBoolean('managed', {
      description:
        'Whether the control plane manages the plugin, because it was installed through this API; otherwise its agent runs it unasked.',
    }),
    pinned: t.exposeBoolean('pinned', {
      description:
        'Whether the plugin was installed on this very supervisor, by `supervisorId`: then no drain and no loss moves it.',
    }),
    wanted: t.exposeBoolean('wanted', {
      description:
        'Whether the plugin is to be there. False after an uninstall, until its agent no longer reports the plugin.',
    }),
    supervisorId: t.exposeID('supervisorId', { description: 'The id of the supervisor that the plugin is on.' }),
    supervisorName: t.string({
      description: 'The present name of the supervisor.',
      resolve: (row, _args, context) => derivedFields.plugin.supervisorName.read(row, context),
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description:
        'The reason of the last change, as a word for programs: REPORTED, RECOVER_REQUESTED, RETRIED, DEADLINE_EXCEEDED, MISSING, UNINSTALLED, DRAINED, SUPERVISOR_LOST, MOVED, MOVE_ABANDONED, ROLLOUT, ROLLED_BACK, DEPLOYED, UNDEPLOYED; null where there is nothing to explain.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'The last message of the agent about the plugin, for people.',
    }),
    deploymentId: t.exposeID('deploymentId', {
      nullable: true,
      description: 'The id of the deployment that keeps the plugin there; null for a one-off install.',
    }),
    generation: t.exposeInt('generation', {
      description: 'A counter of what is wanted: it increases with each request to recover the plugin. Starts at 1.',
    }),
    observedGeneration: t.exposeInt('observedGeneration', {
      description:
        'The generation that the reported state belongs to; less than `generation` while a request is being carried out.',
    }),
    attempt: t.exposeInt('attempt', { description: 'The number of the attempt to reach the wanted state, from 1.' }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The time of the next attempt, after one failed or missed its deadline; null where no further attempt is due.',
    }),
    stateChangedAt: t.expose('stateChangedAt', {
      type: 'DateTime',
      description: 'The time of the last change of state.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time of the creation.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'The time of the last change.' }),
  }),
});

/** A page of plugins. */
export const PluginConnection = builder.connectionObject(
  { type: Plugin, name: 'PluginConnection', description: 'A page of plugins.' },
  { description: 'A plugin in a page.' },
);

const PluginOrderField = builder.enumType('PluginOrderField', {
  description: 'A field by which plugins can be ordered.',
  values: {
    ID: { description: 'The id.' },
    PLUGIN_ID: { description: 'The plugin id, which names the software.' },
    VERSION: {
      description:
        'The version: semantic versions by their precedence, a leading `v` ignored, above all other texts, which are in natural order.',
    },
    STATE: { description: 'The state, in the order PROVISIONING, ACTIVE, RE_PROVISIONING, ERROR.' },
    SUPERVISOR_ID: { description: 'The id of the supervisor.' },
    STATE_CHANGED_AT: { description: 'The time of the last change of state.' },
    CREATED_AT: { description: 'The time of the creation.' },
    UPDATED_AT: { description: 'The time of the last change.' },
  } as const satisfies Record<keyof typeof pluginOrderFields, object>,
});

/** One key of an order of plugins. */
export const PluginOrder = builder.inputType('PluginOrder', {
  description: 'One key of an order of plugins. Plugins that are equal in all keys are ordered by id.',
  fields: (t) => ({
    field: t.field({ type: PluginOrderField, required: true, description: 'The field to order by.' }),
    direction: t.field({ type: OrderDirection, required: true, description: 'The direction.' }),
  }),
});

/** The description of every `orderBy` of plugins. */
export const pluginOrderDescription = 'The keys to order by. Default: the plugin id, then the version, ascending.';

builder.queryField('plugin', (t) =>
  t.field({
    type: Plugin,
    authScopes: { read: true },
    nullable: true,
    description: 'The plugin with this id; null where there is none that you may see.',
    args: { id: t.arg.id({ required: true, description: 'The id: `instance-` and 16 hex digits.' }) },
    resolve: (_root, { id }, { core, viewer }) => getPlugin(core, viewer, id),
  }),
);

builder.queryField('plugins', (t) =>
  t.field({
    type: PluginConnection,
    authScopes: { read: true },
    nullable: true,
    description: 'A page of plugins.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      filter: t.arg({ type: PluginFilter, description: 'The plugins to list. Default: all.' }),
      keyword: t.arg.string({
        description:
          'Words to search for: at least one of them occurs in the supervisor id, the hostname or the plugin id. Upper and lower case are the same. At most 20 words count. Default: no search.',
      }),
      orderBy: t.arg({ type: [PluginOrder], description: pluginOrderDescription }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, args, { core, viewer }) => connection(await listPlugins(core, viewer, args)),
  }),
);
