import { getRollout, listRollouts, type RolloutProgress } from '@muster/core';
import type {
  Rollout as RolloutModel,
  RolloutStep as RolloutStepModel,
  RolloutState as StoredRolloutState,
  RolloutStepState as StoredStepState,
} from '@muster/db';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import './supervisor.ts';

const RolloutState = builder.enumType('RolloutState', {
  description: 'The progress of a rollout.',
  values: {
    RUNNING: { description: 'The rollout is under way.' },
    COMPLETED: { description: 'The rollout is over: every step is DONE or SKIPPED.' },
    ROLLING_BACK: { description: 'A step failed: the old version is being restored where it was replaced.' },
    ROLLED_BACK: { description: 'The rollout is over: the old version was restored.' },
  } as const satisfies Record<StoredRolloutState, object>,
});

const RolloutStepState = builder.enumType('RolloutStepState', {
  description: 'The progress of a rollout on one supervisor.',
  values: {
    WAITING: { description: 'The step has not started.' },
    INSTALLING: { description: 'The new version is being installed beside the old version.' },
    DONE: { description: 'The new version is ACTIVE, and the old version is being removed.' },
    SKIPPED: { description: 'The supervisor was left as it is; `message` says why.' },
    REVERTING: { description: 'The old version is being restored beside the new version.' },
    REVERTED: { description: 'The old version is wanted again, and the new version is being removed.' },
  } as const satisfies Record<StoredStepState, object>,
});

builder.prismaObject('RolloutStep', {
  description: 'The part of a rollout that concerns one supervisor.',
  fields: (t) => ({
    supervisorId: t.exposeID('supervisorId', { description: 'The id of the supervisor.' }),
    supervisor: t.relation('supervisor', {
      description: 'The present supervisor; after its deletion, the supervisor as it last was.',
      resolve: (_query, { supervisorId }, _args, { loaders }) => loaders.supervisorOfPlugin.load(supervisorId),
    }),
    state: t.expose('state', { type: RolloutStepState, description: 'The progress of the step.' }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'The reason why the supervisor was skipped, or keeps its version; otherwise null.',
    }),
    deadlineAt: t.expose('deadlineAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time by which the new version must be ACTIVE; null unless the step is INSTALLING.',
    }),
  }),
});

function readSteps(rollout: RolloutModel | RolloutProgress): RolloutStepModel[] {
  if (!('steps' in rollout)) throw new Error(`${rollout.id} was read without its steps`);
  return [...rollout.steps];
}

/** An upgrade of a plugin, supervisor by supervisor. */
export const Rollout = builder.prismaObject('Rollout', {
  description: 'An upgrade of one plugin of a domain from one version to another, supervisor by supervisor.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id: `rollout-` and 12 hex digits.' }),
    domainId: t.exposeID('domainId', { description: 'The domain (tenant) that the plugin belongs to.' }),
    pluginId: t.exposeString('pluginId', { description: 'The plugin id, which names the software.' }),
    from: t.exposeString('fromVersion', { description: 'The version to replace.' }),
    to: t.exposeString('toVersion', { description: 'The version to install.' }),
    labels: t.expose('labels', {
      type: 'JSONObject',
      description: 'The labels that a supervisor must have to take part; empty where all take part.',
    }),
    maxUnavailable: t.exposeInt('maxUnavailable', {
      description: 'The maximum number of steps that are under way at the same time.',
    }),
    healthyDeadlineSeconds: t.exposeInt('healthyDeadlineSeconds', {
      description: 'The time in seconds within which the new version must be ACTIVE on each supervisor.',
    }),
    state: t.expose('state', { type: RolloutState, description: 'The progress of the rollout.' }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'The reason of the rollback; null where there was none.',
    }),
    actor: t.exposeString('actor', { description: 'The subject that started the rollout.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time of the start.' }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the end; null while the rollout is under way.',
    }),
    steps: t.relation('steps', {
      description: 'The steps in their order: the supervisor with the least priority first.',
      query: { orderBy: { position: 'asc' } },
      // For a rollout that no query planned: mutations and subscriptions read it together with its steps.
      resolve: (_query, rollout) => readSteps(rollout),
    }),
  }),
});

builder.queryField('rollout', (t) =>
  t.prismaField({
    type: Rollout,
    authScopes: { read: true },
    nullable: true,
    description: 'The rollout with this id; null where there is none that you may see.',
    args: { id: t.arg.id({ required: true, description: 'The id: `rollout-` and 12 hex digits.' }) },
    resolve: (query, _root, { id }, { core, viewer }) => getRollout(core, viewer, id, query),
  }),
);

builder.queryField('rollouts', (t) =>
  t.prismaField({
    type: [Rollout],
    authScopes: { read: true },
    description: 'The newest rollouts, the newest first.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      pluginId: t.arg.string({ description: 'The plugin id to list rollouts of. Default: all.' }),
      first: t.arg.int({ description: 'The maximum number of rollouts: 0 to 100. Default: 20.' }),
    },
    resolve: (query, _root, args, { core, viewer }) => listRollouts(core, viewer, args, query),
  }),
);
