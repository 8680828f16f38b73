import { getRollout, listRollouts } from '@muster/core';
import type {
  Rollout as RolloutModel,
  RolloutFailureAction as StoredFailureAction,
  RolloutState as StoredRolloutState,
  RolloutStepState as StoredStepState,
} from '@muster/db';
import { builder, connection } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { operatorsHold, partsHold, StringFilter } from '../inputs/filters.ts';
import { Supervisor } from './supervisor.ts';

const RolloutState = builder.enumType('RolloutState', {
  description: 'The progress of a rollout.',
  values: {
    RUNNING: { description: 'The rollout is under way.' },
    AWAITING_PROMOTION: {
      description: 'The steps of the canary are done; the others wait for `promoteRollout` or `autoPromoteSeconds`.',
    },
    PAUSED: {
      description:
        'An operator paused the rollout, or too many steps failed: steps that are under way end, and no other begins until `resumeRollout`.',
    },
    COMPLETED: {
      description: 'The rollout is over: every step is DONE, SKIPPED or, as far as `maxFailures` allows, FAILED.',
    },
    CANCELED: {
      description: 'The rollout is over: an operator canceled it, and every supervisor stays as it was then.',
    },
    ROLLING_BACK: {
      description:
        'Too many steps failed, or an operator asked for it: the old version is being restored where it was replaced.',
    },
    ROLLED_BACK: { description: 'The rollout is over: the old version was restored.' },
    ROLLBACK_FAILED: {
      description:
        'The rollout is over: some supervisors could not go back by the deadline. Each step says what runs there.',
    },
  } as const satisfies Record<StoredRolloutState, object>,
});

const RolloutStepState = builder.enumType('RolloutStepState', {
  description: 'The progress of a rollout on one supervisor.',
  values: {
    WAITING: { description: 'The step has not started.' },
    INSTALLING: { description: 'The new version is being installed beside the old version.' },
    DONE: {
      description: 'The new version was ACTIVE for `minHealthySeconds`, and the old version is being removed.',
    },
    FAILED: {
      description:
        'The new version was not ACTIVE for long enough by the deadline, and is being removed; or it became ERROR after the step was done, and stays. `message` says which.',
    },
    SKIPPED: { description: 'The supervisor was left as it is; `message` says why.' },
    REVERTING: { description: 'The old version is being restored beside the new version.' },
    REVERTED: { description: 'The old version is ACTIVE again or was kept, and the new version is being removed.' },
    REVERT_FAILED: {
      description: 'The old version was not ACTIVE again by the deadline; `message` says what runs there.',
    },
  } as const satisfies Record<StoredStepState, object>,
});

/** The action of a rollout of which more steps have failed than may. */
export const RolloutFailureAction = builder.enumType('RolloutFailureAction', {
  description: 'What a rollout does when more steps have failed than may.',
  values: {
    ROLL_BACK: { description: 'The rollout restores the old version everywhere.' },
    PAUSE: { description: 'The rollout pauses until an operator resumes, cancels or rolls back.' },
  } as const satisfies Record<StoredFailureAction, object>,
});

type Canary = Pick<RolloutModel, 'autoPromoteSeconds' | 'promotableSince' | 'promotedAt'> & { canaryCount: number };

const RolloutCanary = builder.objectRef<Canary>('RolloutCanary').implement({
  description: 'The steps that a rollout makes first, before the others wait for a promotion.',
  fields: (t) => ({
    count: t.exposeInt('canaryCount', { description: 'The number of steps that must be DONE first.' }),
    autoPromoteSeconds: t.exposeInt('autoPromoteSeconds', {
      nullable: true,
      description: 'The time in seconds after which the promotion comes by itself; null for never.',
    }),
    promotableSince: t.expose('promotableSince', {
      type: 'DateTime',
      nullable: true,
      description: 'The time when the rollout last began to wait for a promotion; null where it has not yet.',
    }),
    promotedAt: t.expose('promotedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the promotion; null where there was none yet.',
    }),
  }),
});

const RolloutStep = builder.prismaObject('RolloutStep', {
  description: 'The part of a rollout that concerns one supervisor.',
  fields: (t) => ({
    supervisorId: t.exposeID('supervisorId', { description: 'The id of the supervisor.' }),
    supervisor: t.field({
      type: Supervisor,
      description: 'The present supervisor; after its deletion, the supervisor as it last was.',
      resolve: ({ supervisorId }, _args, { loaders }) => loaders.supervisorOfPlugin.load(supervisorId),
    }),
    state: t.expose('state', { type: RolloutStepState, description: 'The progress of the step.' }),
    message: t.exposeString('message', {
      nullable: true,
      description:
        'The reason for the state of the step, or what the step waits for; null where the state says it all.',
    }),
    deadlineAt: t.expose('deadlineAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The time by which the new version, or the restored old one, must be ACTIVE; null unless the step is INSTALLING or REVERTING.',
    }),
    healthySince: t.expose('healthySince', {
      type: 'DateTime',
      nullable: true,
      description:
        'The time since when the new version has been ACTIVE without a break; null unless the step is INSTALLING and it is.',
    }),
  }),
});

const RolloutStepConnection = builder.connectionObject(
  { type: RolloutStep, name: 'RolloutStepConnection', description: 'A page of the steps of a rollout.' },
  { description: 'A step in a page.' },
);

const RolloutStepStateFilter = builder.inputType('RolloutStepStateFilter', {
  description: `A condition on the progress of a step. ${operatorsHold}`,
  fields: (t) => ({
    eq: t.field({ type: RolloutStepState, description: 'The progress equals this.' }),
    ne: t.field({ type: RolloutStepState, description: 'The progress differs from this.' }),
    in: t.field({ type: [RolloutStepState], description: 'The progress is one of these.' }),
    notIn: t.field({ type: [RolloutStepState], description: 'The progress is none of these.' }),
  }),
});

const RolloutStepFilter = builder.inputType('RolloutStepFilter', {
  description: `A condition on the steps of a rollout. ${partsHold}`,
  fields: (t) => ({
    state: t.field({ type: RolloutStepStateFilter, description: 'A condition on the progress of the step.' }),
    supervisorId: t.field({ type: StringFilter, description: 'A condition on the id of the supervisor.' }),
  }),
});

/** An upgrade of a plugin, supervisor by supervisor. */
export const Rollout = builder.prismaNode('Rollout', {
  description: 'An upgrade of one plugin of a domain from one version to another, supervisor by supervisor.',
  id: { field: 'id', description: 'The id: `rollout-` and 12 hex digits.' },
  fields: (t) => ({
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
      description:
        'The time in seconds within which the new version must have been ACTIVE for `minHealthySeconds` on each supervisor; also the deadline of going back.',
    }),
    minHealthySeconds: t.exposeInt('minHealthySeconds', {
      description:
        'The time in seconds for which the new version must be ACTIVE without a break for a step to be DONE.',
    }),
    maxFailures: t.exposeInt('maxFailures', {
      description: 'The number of steps that may fail before the rollout halts.',
    }),
    onFailure: t.expose('onFailure', {
      type: RolloutFailureAction,
      description: 'What the rollout does when more steps have failed than may.',
    }),
    deadlineSeconds: t.exposeInt('deadlineSeconds', {
      description: 'The time in seconds for which supervisors that can take nothing are waited for.',
    }),
    deadlineAt: t.expose('deadlineAt', {
      type: 'DateTime',
      description: 'The time until when supervisors that can take nothing are waited for; a retry renews it.',
    }),
    rollbackDeadlineAt: t.expose('rollbackDeadlineAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time when going back ends, whatever has been restored; null unless the rollout ever went back.',
    }),
    canary: t.field({
      type: RolloutCanary,
      nullable: true,
      description: 'The canary of the rollout; null for none.',
      resolve: (rollout) => (rollout.canaryCount === null ? null : { ...rollout, canaryCount: rollout.canaryCount }),
    }),
    state: t.expose('state', { type: RolloutState, description: 'The progress of the rollout.' }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'The reason why the rollout halted or went back; null where it did neither.',
    }),
    deploymentId: t.exposeID('deploymentId', {
      nullable: true,
      description: 'The id of the deployment whose change of version it is; null for one that an operator began.',
    }),
    actor: t.exposeString('actor', {
      description: 'The subject that started the rollout; `muster` for a change of version of a deployment.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time of the start.' }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the end; null while the rollout is under way.',
    }),
    steps: t.field({
      type: RolloutStepConnection,
      description: 'A page of the steps in their order: the supervisor with the least priority first.',
      args: {
        filter: t.arg({ type: RolloutStepFilter, description: 'The steps to list. Default: all.' }),
        ...t.arg.connectionArgs(),
      },
      resolve: async ({ id }, args, { loaders }) => connection(await loaders.stepsOf(id, args)),
    }),
  }),
});

const RolloutConnection = builder.connectionObject(
  { type: Rollout, name: 'RolloutConnection', description: 'A page of rollouts.' },
  { description: 'A rollout in a page.' },
);

builder.queryField('rollout', (t) =>
  t.field({
    type: Rollout,
    authScopes: { read: true },
    nullable: true,
    description: 'The rollout with this id; null where there is none that you may see.',
    args: { id: t.arg.id({ required: true, description: 'The id: `rollout-` and 12 hex digits.' }) },
    resolve: (_root, { id }, { core, viewer }) => getRollout(core, viewer, id),
  }),
);

builder.queryField('rollouts', (t) =>
  t.field({
    type: RolloutConnection,
    authScopes: { read: true },
    nullable: true,
    description: 'A page of rollouts, the newest first.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      pluginId: t.arg.string({ description: 'The plugin id to list rollouts of. Default: all.' }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, args, { core, viewer }) => connection(await listRollouts(core, viewer, args)),
  }),
);
