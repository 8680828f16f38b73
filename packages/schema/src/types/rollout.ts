import {
  cursorOf,
  getRollout,
  type JsonObject,
  listRollouts,
  type RolloutChange,
  type RolloutProgress,
  upgradePlugin,
  watchRollout,
} from '@muster/core';
import type {
  RolloutStep as RolloutStepModel,
  RolloutState as StoredRolloutState,
  RolloutStepState as StoredStepState,
} from '@muster/db';
import { builder } from '../builder.ts';
import { fromInput } from '../inputs/input.ts';
import { Supervisor } from './supervisor.ts';

const RolloutState = builder.enumType('RolloutState', {
  description: 'How far an upgrade has come.',
  values: {
    RUNNING: { description: 'Under way.' },
    COMPLETED: { description: 'Over: every step is DONE, or was SKIPPED.' },
    ROLLING_BACK: { description: 'A step failed: the old version is coming back where it was gone.' },
    ROLLED_BACK: { description: 'Over: it went back.' },
  } as const satisfies Record<StoredRolloutState, object>,
});

const RolloutStepState = builder.enumType('RolloutStepState', {
  description: 'How far an upgrade has come on one supervisor.',
  values: {
    WAITING: { description: 'Its turn has not come.' },
    INSTALLING: { description: 'The new version is to come up beside the old one.' },
    DONE: { description: 'The new version is ACTIVE, and the old one is to go.' },
    SKIPPED: { description: 'It was left as it is; `message` says why.' },
    REVERTING: { description: 'The old version is to come up again beside the new one.' },
    REVERTED: { description: 'The old version is what is wanted, and the new one is to go.' },
  } as const satisfies Record<StoredStepState, object>,
});

const RolloutStep = builder.objectRef<RolloutStepModel>('RolloutStep').implement({
  description: 'An upgrade on one supervisor.',
  fields: (t) => ({
    supervisorId: t.exposeID('supervisorId', { description: 'Where.' }),
    supervisor: t.field({
      type: Supervisor,
      description: 'The supervisor as it is now.',
      resolve: ({ supervisorId }, _args, { loaders }) => loaders.supervisorOfPlugin.load(supervisorId),
    }),
    state: t.expose('state', { type: RolloutStepState, description: 'How far it has come.' }),
    message: t.exposeString('message', { nullable: true, description: 'Why it was skipped, or keeps what it has.' }),
    deadlineAt: t.expose('deadlineAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the new version must be ACTIVE, while INSTALLING.',
    }),
  }),
});

const Rollout = builder.objectRef<RolloutProgress>('Rollout').implement({
  description: 'An upgrade of one plugin of a domain from one version to another, supervisor by supervisor.',
  fields: (t) => ({
    id: t.exposeID('id', { description: '`rollout-` and 12 hex digits.' }),
    domainId: t.exposeID('domainId', { description: 'The tenant whose plugin it is.' }),
    pluginId: t.exposeString('pluginId', { description: 'The software.' }),
    from: t.exposeString('fromVersion', { description: 'The old version.' }),
    to: t.exposeString('toVersion', { description: 'The new version.' }),
    labels: t.field({
      type: 'JSONObject',
      description: 'What the labels of a supervisor must contain for it to be part of this.',
      resolve: ({ labels }) => labels as JsonObject,
    }),
    maxUnavailable: t.exposeInt('maxUnavailable', { description: 'How many steps may be under way at a time.' }),
    healthyDeadlineSeconds: t.exposeInt('healthyDeadlineSeconds', {
      description: 'How long the new version may take to be ACTIVE on one supervisor.',
    }),
    state: t.expose('state', { type: RolloutState, description: 'How far it has come.' }),
    message: t.exposeString('message', { nullable: true, description: 'Why it went back; null where it did not.' }),
    actor: t.exposeString('actor', { description: 'Who began it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it was over.' }),
    steps: t.field({
      type: [RolloutStep],
      description: 'Its supervisors in their turn, those of the least priority first.',
      resolve: ({ steps }) => steps,
    }),
  }),
});

builder.queryField('rollout', (t) =>
  t.field({
    type: Rollout,
    authScopes: { read: true },
    nullable: true,
    description: 'The rollout with this id; null where there is none, or none that you may see.',
    args: { id: t.arg.id({ required: true, description: '`rollout-` and 12 hex digits.' }) },
    resolve: (_root, { id }, { core, viewer }) => getRollout(core, viewer, id),
  }),
);

builder.queryField('rollouts', (t) =>
  t.field({
    type: [Rollout],
    authScopes: { read: true },
    description: 'The newest rollouts, the last one first.',
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN sees all domains, or the one named here.' }),
      pluginId: t.arg.string({ description: 'Of this plugin alone.' }),
      first: t.arg.int({ description: 'How many at most: 0 to 100, by default 20.' }),
    },
    resolve: (_root, args, { core, viewer }) => listRollouts(core, viewer, args),
  }),
);

const UpgradePluginInput = builder.inputType('UpgradePluginInput', {
  description: 'What to upgrade, and how carefully.',
  fields: (t) => ({
    domainId: t.id({ description: 'Of which domain; your own by default.' }),
    pluginId: t.string({ required: true, description: 'The software.' }),
    from: t.string({ required: true, description: 'The version to replace.' }),
    to: t.string({ required: true, description: 'The version to replace it with.' }),
    labels: t.field({
      type: 'JSONObject',
      description: 'Only on supervisors whose labels contain these; everywhere by default.',
    }),
    maxUnavailable: t.int({ description: 'On how many supervisors at a time; by default 1.' }),
    healthyDeadlineSeconds: t.int({
      description: 'How long the new version may take to be ACTIVE on one; by default as long as any install.',
    }),
  }),
});

const UpgradePluginPayload = builder.objectRef<{ rollout: RolloutProgress }>('UpgradePluginPayload').implement({
  description: 'The rollout that was begun.',
  fields: (t) => ({
    rollout: t.field({
      type: Rollout,
      description: 'The rollout; the one that is under way, or the last one where it left nothing to do.',
      resolve: ({ rollout }) => rollout,
    }),
  }),
});

builder.mutationField('upgradePlugin', (t) =>
  t.field({
    type: UpgradePluginPayload,
    authScopes: { operate: true },
    description:
      'Replaces a version of a plugin wherever it is managed: the new one is installed beside the old, which goes once the new one is ACTIVE. If one turns ERROR or is late, all go back. PLUGIN_STATE while another rollout of the plugin is under way.',
    args: { input: t.arg({ type: UpgradePluginInput, required: true, description: 'What, and how.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      rollout: await fromInput(upgradePlugin(core, viewer, input)),
    }),
  }),
);

const RolloutChanged = builder.objectRef<RolloutChange>('RolloutChanged').implement({
  description: 'A rollout has come further.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'The place of the change that it came further with, in the order of all changes.',
      resolve: ({ seq }, _args, { core }) => cursorOf(core, seq),
    }),
    rollout: t.field({ type: Rollout, description: 'The rollout as it is now.', resolve: ({ rollout }) => rollout }),
  }),
});

builder.subscriptionField('rolloutChanged', (t) =>
  t.field({
    type: RolloutChanged,
    authScopes: { read: true },
    description: 'A rollout as it is now, and then each time that it has come further.',
    args: { id: t.arg.id({ required: true, description: '`rollout-` and 12 hex digits.' }) },
    subscribe: async (_root, { id }, { core, viewer, follow }) => follow(await watchRollout(core, viewer, id)),
    resolve: (change) => change,
  }),
);
