import type { DrainLeftReason as StoredDrainLeftReason } from '@muster/core';
import type { Plugin as PluginModel, DrainState as StoredDrainState, Supervisor as SupervisorModel } from '@muster/db';
import { builder, connection } from '../builder.ts';
import { DrainState } from '../inputs/states.ts';
import { Plugin } from './plugin.ts';
import { Supervisor } from './supervisor.ts';

const DrainLeftReason = builder.enumType('DrainLeftReason', {
  description: 'Why a plugin is still on a supervisor that is drained.',
  values: {
    STOPPING: { description: "It is no longer wanted, and the agent's last report still had it." },
    UNMANAGED: { description: 'The agent runs it unasked: a drain moves managed plugins.' },
    PINNED: { description: 'It was installed on this very supervisor, and is never moved.' },
    DEADLINE_EXCEEDED: { description: 'The deadline of the drain passed before it was moved.' },
    ROLLOUT: { description: 'A rollout is changing it, and must end first.' },
    DEPLOYMENT: { description: 'Its deployment moves it, once another supervisor has it.' },
    REPLACING: { description: 'Its replacement is not ACTIVE yet.' },
    NO_SUPERVISOR: { description: 'No other supervisor can take it yet.' },
  } as const satisfies Record<StoredDrainLeftReason, object>,
});

const DrainItem = builder.objectRef<PluginModel>('DrainItem').implement({
  description: 'A plugin that is still on a supervisor that is drained, the reason, and its replacement.',
  fields: (t) => ({
    plugin: t.field({ type: Plugin, description: 'The plugin that is left.', resolve: (plugin) => plugin }),
    reason: t.field({
      type: DrainLeftReason,
      description: 'Why the plugin is left.',
      resolve: async ({ id }, _args, { loaders }) => (await loaders.drainItem.load(id)).reason,
    }),
    failedSupervisorIds: t.exposeIDList('failedSupervisorIds', {
      description:
        'The ids of the supervisors on which replacements of the plugin failed in this drain, the last one at the end. They are tried last.',
    }),
    replacement: t.field({
      type: Plugin,
      nullable: true,
      description: 'The plugin on another supervisor that takes over once it is ACTIVE; null where there is none.',
      resolve: async ({ id }, _args, { loaders }) => (await loaders.drainItem.load(id)).replacement,
    }),
  }),
});

const DrainItemConnection = builder.connectionObject(
  { type: DrainItem, name: 'DrainItemConnection', description: 'A page of the plugins that a drain has left.' },
  { description: 'A plugin that is left, in a page.' },
);

type Drained = Pick<
  SupervisorModel,
  'id' | 'drainStartedAt' | 'drainDeadlineAt' | 'drainEndedAt' | 'drainKeepsCordon'
> & {
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
      description: 'The time when the drain began; null while it is QUEUED.',
    }),
    deadlineAt: t.expose('drainDeadlineAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time when the drain ends, even if plugins are left; null while it is QUEUED.',
    }),
    endedAt: t.expose('drainEndedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time when the drain ended; null while it is under way.',
    }),
    keepsCordon: t.exposeBoolean('drainKeepsCordon', {
      description: 'Whether the supervisor stays cordoned when the drain is undone: it was cordoned by itself, too.',
    }),
    left: t.field({
      type: DrainItemConnection,
      description: 'A page of the plugins of your domain that are still there, wanted or not, as of this moment.',
      args: t.arg.connectionArgs(),
      resolve: async ({ id }, args, { loaders }) => connection(await loaders.leftOn(id, args)),
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
