import type { DrainProgress } from '@muster/core';
import type { DrainState as StoredDrainState, Supervisor as SupervisorModel } from '@muster/db';
import { builder } from '../builder.ts';
import { DrainState } from '../inputs/states.ts';
import { Plugin } from './plugin.ts';
import { Supervisor } from './supervisor.ts';

const DrainItem = builder.objectRef<DrainProgress>('DrainItem').implement({
  description: 'A plugin that a drain has not moved yet, and its replacement.',
  fields: (t) => ({
    plugin: t.field({ type: Plugin, description: 'The plugin that is to be moved.', resolve: ({ plugin }) => plugin }),
    replacement: t.field({
      type: Plugin,
      nullable: true,
      description:
        'The plugin on another supervisor that takes over once it is ACTIVE; null while no supervisor can take it.',
      resolve: ({ replacement }) => replacement,
    }),
  }),
});

type Drained = Pick<SupervisorModel, 'id' | 'drainStartedAt' | 'drainDeadlineAt' | 'drainEndedAt'> & {
  drainState: StoredDrainState;
};

const Drain = builder.objectRef<Drained>('Drain').implement({
  description:
    'The last drain of a supervisor. `watchSupervisors` sends an event when a drain begins and when it ends.',
  fields: (t) => ({
    state: t.expose('drainState', { type: DrainState, description: 'The progress of the drain.' }),
    startedAt: t.expose('drainStartedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time when the drain began.',
    }),
    deadlineAt: t.expose('drainDeadlineAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time when the drain ends, even if plugins are left.',
    }),
    endedAt: t.expose('drainEndedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time when the drain ended; null while it is under way.',
    }),
    left: t.field({
      type: [DrainItem],
      description: 'The managed plugins of your domain that are still to be moved, as of this moment.',
      resolve: ({ id }, _args, { loaders }) => loaders.drainLeft.load(id),
    }),
  }),
});

builder.objectField(Supervisor, 'drain', (t) =>
  t.field({
    type: Drain,
    nullable: true,
    description: 'The last drain of the supervisor; null where there was none, or the last one was undone.',
    resolve: (supervisor) => {
      const { drainState } = supervisor;
      return drainState && { ...supervisor, drainState };
    },
  }),
);
