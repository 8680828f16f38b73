import {
  derivedFields,
  getPlugin,
  listPlugins,
  type PluginStat as PluginStatShape,
  type pluginGroupKeys,
  type pluginOrderFields,
  pluginStats,
  recoverPlugin,
} from '@muster/core';
import type { Plugin as PluginModel } from '@muster/db';
import { builder } from '../builder.ts';
import { PluginFilter } from '../inputs/entityFilters.ts';
import { OrderDirection } from '../inputs/filters.ts';
import { fromInput } from '../inputs/input.ts';
import { PluginState } from '../inputs/states.ts';

export const Plugin = builder.prismaNode('Plugin', {
  description: 'One version of one plugin on one supervisor: what is wanted of it, and what was seen.',
  id: { field: 'id', description: 'Of this plugin on this supervisor: `instance-` and 16 hex digits.' },
  fields: (t) => ({
    domainId: t.exposeID('domainId', { description: 'The tenant that asked for it.' }),
    pluginId: t.exposeString('pluginId', {
      description: 'The software that it is, such as `plugin-aws-ec2-inven-collector`.',
    }),
    version: t.exposeString('version', { description: 'The version of the software.' }),
    state: t.expose('state', { type: PluginState, description: 'Where it is in its life.' }),
    endpoint: t.exposeString('endpoint', {
      nullable: true,
      description:
        'Where it was last reported to answer; to be called only while it is ACTIVE and its supervisor connected.',
    }),
    endpoints: t.exposeStringList('endpoints', {
      description: 'All the addresses at which it was last reported to answer.',
    }),
    managed: t.exposeBoolean('managed', {
      description: 'Whether the control plane wants it there; otherwise its supervisor runs it on its own.',
    }),
    wanted: t.exposeBoolean('wanted', {
      description:
        'Whether it is to be there; false once it is uninstalled, until its supervisor no longer reports it.',
    }),
    supervisorId: t.exposeID('supervisorId', { description: 'The supervisor that it is on.' }),
    supervisorName: t.string({
      description: "Its supervisor's name, as it is now.",
      resolve: (row, _args, context) => derivedFields.plugin.supervisorName.read(row, context),
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description:
        'Why it is in its state, or there, or to go: REPORTED, RECOVER_REQUESTED, RETRIED, DEADLINE_EXCEEDED, MISSING, UNINSTALLED, DRAINED, SUPERVISOR_LOST, MOVED, MOVE_ABANDONED, ROLLOUT, ROLLED_BACK; null where that is plain.',
    }),
    message: t.exposeString('message', { nullable: true, description: 'What its supervisor last said of it.' }),
    generation: t.exposeInt('generation', { description: 'Counts what was wished for: one more with each recover.' }),
    observedGeneration: t.exposeInt('observedGeneration', {
      description: 'The generation that what was seen is about; less than `generation` while a wish is under way.',
    }),
    attempt: t.exposeInt('attempt', { description: 'Which attempt at the current wish this is, from 1.' }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the control plane tries again what was not done by the deadline; null where it does not.',
    }),
    stateChangedAt: t.expose('stateChangedAt', { type: 'DateTime', description: 'When its state last changed.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it came to be.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

export const PluginConnection = builder.connectionObject(
  { type: Plugin, name: 'PluginConnection', description: 'A page of plugins.' },
  { description: 'A plugin in a page.' },
);

export const PluginOrderField = builder.enumType('PluginOrderField', {
  description: 'What plugins can be ordered by.',
  values: {
    ID: { description: 'By id.' },
    PLUGIN_ID: { description: 'By the software that it is.' },
    VERSION: { description: 'By version, as text.' },
    STATE: { description: 'By state: PROVISIONING, ACTIVE, RE_PROVISIONING, ERROR.' },
    SUPERVISOR_ID: { description: "By its supervisor's id." },
    STATE_CHANGED_AT: { description: 'By when its state last changed.' },
    CREATED_AT: { description: 'By when it came to be.' },
    UPDATED_AT: { description: 'By when it last changed.' },
  } as const satisfies Record<keyof typeof pluginOrderFields, object>,
});

export const PluginOrder = builder.inputType('PluginOrder', {
  description: 'One key of an order. Rows that are alike in all keys are ordered by id.',
  fields: (t) => ({
    field: t.field({ type: PluginOrderField, required: true, description: 'What to order by.' }),
    direction: t.field({ type: OrderDirection, required: true, description: 'Which way.' }),
  }),
});

builder.queryField('plugin', (t) =>
  t.field({
    type: Plugin,
    authScopes: { read: true },
    nullable: true,
    description: 'The plugin with this id; null where there is none, or none that you may see.',
    args: { id: t.arg.id({ required: true, description: '`instance-` and 16 hex digits.' }) },
    resolve: (_root, { id }, { core, viewer }) => getPlugin(core, viewer, id),
  }),
);

builder.queryField('plugins', (t) =>
  t.field({
    type: PluginConnection,
    authScopes: { read: true },
    description: 'Plugins, a page at a time, by plugin id and version unless ordered otherwise.',
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN sees all domains, or the one named here.' }),
      filter: t.arg({ type: PluginFilter, description: 'Which plugins; all by default.' }),
      keyword: t.arg.string({
        description:
          'Words, of which any stands somewhere in supervisor id, hostname or plugin id, in upper or lower case.',
      }),
      orderBy: t.arg({ type: [PluginOrder], description: 'By plugin id and version unless said otherwise.' }),
      ...t.arg.connectionArgs(),
    },
    resolve: (_root, args, { core, viewer }) => listPlugins(core, viewer, args),
  }),
);

export const PluginGroupKey = builder.enumType('PluginGroupKey', {
  description: 'What plugins can be counted by.',
  values: {
    STATE: { description: 'By state.' },
    PLUGIN_ID: { description: 'By the software that they are.' },
    VERSION: { description: 'By version.' },
    SUPERVISOR_ID: { description: 'By supervisor.' },
    MANAGED: { description: 'By whether the control plane wants them.' },
  } as const satisfies Record<(typeof pluginGroupKeys)[number], object>,
});

export const PluginStat = builder.objectRef<PluginStatShape>('PluginStat').implement({
  description: 'How many plugins are alike. Only the keys that were grouped by are set.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'How many.' }),
    state: t.expose('state', { type: PluginState, nullable: true, description: 'The state of all of them.' }),
    pluginId: t.exposeString('pluginId', { nullable: true, description: 'The software that all of them are.' }),
    version: t.exposeString('version', { nullable: true, description: 'The version of all of them.' }),
    supervisorId: t.exposeID('supervisorId', { nullable: true, description: 'The supervisor of all of them.' }),
    managed: t.exposeBoolean('managed', {
      nullable: true,
      description: 'Whether the control plane wants all of them.',
    }),
  }),
});

builder.queryField('pluginStats', (t) =>
  t.field({
    type: [PluginStat],
    authScopes: { read: true },
    description: 'Plugins counted by group, the largest group first.',
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN counts all domains, or the one named here.' }),
      filter: t.arg({ type: PluginFilter, description: 'Which plugins to count; all by default.' }),
      groupBy: t.arg({ type: [PluginGroupKey], required: true, description: 'At least one key.' }),
    },
    resolve: (_root, args, { core, viewer }) => pluginStats(core, viewer, args),
  }),
);

const RecoverPluginInput = builder.inputType('RecoverPluginInput', {
  description: 'Which plugin to recover.',
  fields: (t) => ({
    supervisorId: t.id({ required: true, description: 'The supervisor that it is on.' }),
    pluginId: t.string({ required: true, description: 'The software that it is.' }),
    version: t.string({ required: true, description: 'Its version.' }),
    domainId: t.id({ description: 'Its domain; your own by default.' }),
  }),
});

const RecoverPluginPayload = builder.objectRef<{ plugin: PluginModel }>('RecoverPluginPayload').implement({
  description: 'The plugin that is to be recovered.',
  fields: (t) => ({
    plugin: t.field({
      type: Plugin,
      description: 'The plugin, RE_PROVISIONING, with its new generation.',
      resolve: (payload) => payload.plugin,
    }),
  }),
});

builder.mutationField('recoverPlugin', (t) =>
  t.field({
    type: RecoverPluginPayload,
    authScopes: { operate: true },
    description:
      'Has a plugin installed and started anew, from whatever state. RECOVER_NOT_SUPPORTED unless its supervisor is ENABLED.',
    args: { input: t.arg({ type: RecoverPluginInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      plugin: await fromInput(recoverPlugin(core, viewer, input)),
    }),
  }),
);
