import type {
  DrainState as StoredDrainState,
  PluginState as StoredPluginState,
  SupervisorState as StoredSupervisorState,
} from '@muster/db';
import { builder } from '../builder.ts';
import { operatorsHold } from './filters.ts';

type Values<State extends string> = Record<State | 'NONE', { description: string }>;

const none = {
  description:
    'No state: the state before something is created and after it is deleted. In a filter, NONE matches any state.',
};

/** The state of a supervisor. */
export const SupervisorState = builder.enumType('SupervisorState', {
  description: 'The state of a supervisor in its lifecycle.',
  values: {
    NONE: none,
    PENDING: { description: 'The supervisor has published itself, and no operator has registered it yet.' },
    ENABLED: { description: 'The supervisor is registered and alive: plugins may be placed on it.' },
    DISABLED: {
      description: 'An operator disabled the supervisor: no plugin is placed on it, and its plugins keep running.',
    },
    DISCONNECTED: { description: 'The lease of the supervisor expired: its agent has not published for too long.' },
  } as const satisfies Values<StoredSupervisorState>,
});

/** The state of a plugin. */
export const PluginState = builder.enumType('PluginState', {
  description: 'The state of a plugin on its supervisor.',
  values: {
    NONE: none,
    PROVISIONING: { description: 'The plugin is being installed and started for the first time.' },
    ACTIVE: { description: 'The plugin runs: its endpoints can be called.' },
    RE_PROVISIONING: { description: 'The plugin is being installed and started again, after a request to recover it.' },
    ERROR: { description: 'The plugin does not run; `reason` and `message` say why.' },
  } as const satisfies Values<StoredPluginState>,
});

/** The progress of a drain. */
export const DrainState = builder.enumType('DrainState', {
  description: 'The progress of a drain.',
  values: {
    QUEUED: {
      description: 'The supervisor is cordoned, and waits for its turn among those that are drained together.',
    },
    DRAINING: { description: 'Managed plugins are being moved to other supervisors.' },
    DRAINED: {
      description:
        'All managed plugins but pinned ones have been moved, and the agent no longer reports them, or is DISCONNECTED.',
    },
    EXPIRED: { description: 'The deadline passed first: the plugins that are left stay.' },
  } as const satisfies Record<StoredDrainState, object>,
});

/** A filter on the state of a supervisor. */
export const SupervisorStateFilter = builder.inputType('SupervisorStateFilter', {
  description: `A condition on the state of a supervisor. ${operatorsHold} NONE matches any state.`,
  fields: (t) => ({
    eq: t.field({ type: SupervisorState, description: 'The state equals this.' }),
    ne: t.field({ type: SupervisorState, description: 'The state differs from this.' }),
    in: t.field({ type: [SupervisorState], description: 'The state is one of these.' }),
    notIn: t.field({ type: [SupervisorState], description: 'The state is none of these.' }),
  }),
});

/** A filter on the state of a plugin. */
export const PluginStateFilter = builder.inputType('PluginStateFilter', {
  description: `A condition on the state of a plugin. ${operatorsHold} NONE matches any state.`,
  fields: (t) => ({
    eq: t.field({ type: PluginState, description: 'The state equals this.' }),
    ne: t.field({ type: PluginState, description: 'The state differs from this.' }),
    in: t.field({ type: [PluginState], description: 'The state is one of these.' }),
    notIn: t.field({ type: [PluginState], description: 'The state is none of these.' }),
  }),
});

/** A filter on the last drain of a supervisor. */
export const DrainStateFilter = builder.inputType('DrainStateFilter', {
  description: `A condition on the progress of the last drain. ${operatorsHold}`,
  fields: (t) => ({
    eq: t.field({ type: DrainState, description: 'The progress equals this.' }),
    ne: t.field({ type: DrainState, description: 'The progress differs from this, or there is no drain.' }),
    in: t.field({ type: [DrainState], description: 'The progress is one of these.' }),
    notIn: t.field({ type: [DrainState], description: 'The progress is none of these.' }),
    isNull: t.boolean({ description: 'True matches where there is no drain, false where there is one.' }),
  }),
});
