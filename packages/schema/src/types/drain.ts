import {
  cordonSupervisor,
  type DrainProgress,
  drainSupervisor,
  uncordonSupervisor,
  undrainSupervisor,
} from '@muster/core';
import type { DrainState as StoredDrainState, Supervisor as SupervisorModel } from '@muster/db';
import { builder } from '../builder.ts';
import { fromInput } from '../inputs/input.ts';
import { Plugin } from './plugin.ts';
import { Supervisor, supervisorPayload, targetFields } from './supervisor.ts';

const DrainState = builder.enumType('DrainState', {
  description: 'How far a drain has come.',
  values: {
    DRAINING: { description: 'Managed plugins are being moved elsewhere.' },
    DRAINED: { description: 'Nothing managed is wanted there any more.' },
    EXPIRED: { description: 'Its deadline passed first: what is left stays where it is.' },
  } as const satisfies Record<StoredDrainState, object>,
});

const DrainItem = builder.objectRef<DrainProgress>('DrainItem').implement({
  description: 'A plugin that a drain has not moved yet.',
  fields: (t) => ({
    plugin: t.field({ type: Plugin, description: 'The plugin that is to go.', resolve: ({ plugin }) => plugin }),
    replacement: t.field({
      type: Plugin,
      nullable: true,
      description: 'What takes its place once it is ACTIVE; null while nobody can take it.',
      resolve: ({ replacement }) => replacement,
    }),
  }),
});

type Drained = Pick<SupervisorModel, 'id' | 'drainStartedAt' | 'drainDeadlineAt' | 'drainEndedAt'> & {
  drainState: StoredDrainState;
};

const Drain = builder.objectRef<Drained>('Drain').implement({
  description: 'The last drain of a supervisor. `watchSupervisors` tells when it begins and ends.',
  fields: (t) => ({
    state: t.expose('drainState', { type: DrainState, description: 'How far it has come.' }),
    startedAt: t.expose('drainStartedAt', { type: 'DateTime', nullable: true, description: 'When it began.' }),
    deadlineAt: t.expose('drainDeadlineAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it gives up what could not be moved.',
    }),
    endedAt: t.expose('drainEndedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null while it is under way.',
    }),
    left: t.field({
      type: [DrainItem],
      description: 'The managed plugins of your domain that are still there, as of now.',
      resolve: ({ id }, _args, { loaders }) => loaders.drainLeft.load(id),
    }),
  }),
});

builder.objectField(Supervisor, 'drain', (t) =>
  t.field({
    type: Drain,
    nullable: true,
    description: 'Its last drain; null where there was none, or it was undone.',
    resolve: (supervisor) => {
      const { drainState } = supervisor;
      return drainState && { ...supervisor, drainState };
    },
  }),
);

const CordonSupervisorInput = builder.inputType('CordonSupervisorInput', {
  description: 'Which supervisor to cordon.',
  fields: targetFields,
});

builder.mutationField('cordonSupervisor', (t) =>
  t.field({
    type: supervisorPayload('CordonSupervisorPayload', 'The supervisor that was cordoned.'),
    authScopes: { operate: true },
    description: 'Has nothing new placed on a supervisor. What is there stays, and is served.',
    args: { input: t.arg({ type: CordonSupervisorInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      supervisor: await fromInput(cordonSupervisor(core, viewer, input)),
    }),
  }),
);

const UncordonSupervisorInput = builder.inputType('UncordonSupervisorInput', {
  description: 'Which supervisor is no longer cordoned.',
  fields: targetFields,
});

builder.mutationField('uncordonSupervisor', (t) =>
  t.field({
    type: supervisorPayload('UncordonSupervisorPayload', 'The supervisor that takes plugins again.'),
    authScopes: { operate: true },
    description: 'Lets plugins be placed on a supervisor again. SUPERVISOR_STATE while it is being drained.',
    args: { input: t.arg({ type: UncordonSupervisorInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      supervisor: await fromInput(uncordonSupervisor(core, viewer, input)),
    }),
  }),
);

const DrainSupervisorInput = builder.inputType('DrainSupervisorInput', {
  description: 'Which supervisor to empty, and by when.',
  fields: (t) => ({
    ...targetFields(t),
    deadlineSeconds: t.int({
      description: 'After how many seconds to give up what could not be moved: at most 30 days, by default an hour.',
    }),
  }),
});

builder.mutationField('drainSupervisor', (t) =>
  t.field({
    type: supervisorPayload('DrainSupervisorPayload', 'The supervisor that is being drained.'),
    authScopes: { operate: true },
    description:
      'Cordons a supervisor and moves its managed plugins elsewhere; each stays until the one that takes its place is ACTIVE.',
    args: { input: t.arg({ type: DrainSupervisorInput, required: true, description: 'Which, and by when.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      supervisor: await fromInput(drainSupervisor(core, viewer, input)),
    }),
  }),
);

const UndrainSupervisorInput = builder.inputType('UndrainSupervisorInput', {
  description: 'Which supervisor is not to be emptied after all.',
  fields: targetFields,
});

builder.mutationField('undrainSupervisor', (t) =>
  t.field({
    type: supervisorPayload('UndrainSupervisorPayload', 'The supervisor that takes plugins again.'),
    authScopes: { operate: true },
    description: 'Ends a drain, leaves there what has not been moved yet, and lets plugins be placed there again.',
    args: { input: t.arg({ type: UndrainSupervisorInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      supervisor: await fromInput(undrainSupervisor(core, viewer, input)),
    }),
  }),
);
