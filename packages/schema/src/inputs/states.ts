import type { PluginState as StoredPluginState, SupervisorState as StoredSupervisorState } from '@muster/db';
import { builder } from '../builder.ts';

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

/** A filter on the state of a supervisor. */
export const SupervisorStateFilter = builder.inputType('SupervisorStateFilter', {
  description:
    'A condition on the state of a supervisor. All operators that are given must hold. NONE matches any state.',
  fields: (t) => ({
    eq: t.field({ type: SupervisorState, description: 'The state equals this.' }),
    ne: t.field({ type: SupervisorState, description: 'The state differs from this.' }),
    in: t.field({ type: [SupervisorState], description: 'The state is one of these.' }),
    notIn: t.field({ type: [SupervisorState], description: 'The state is none of these.' }),
  }),
});

/** A filter on the state of a plugin. */
export const PluginStateFilter = builder.inputType('PluginStateFilter', {
  description: 'A condition on the state of a plugin. All operators that are given must hold. NONE matches any state.',
  fields: (t) => ({
    eq: t.field({ type: PluginState, description: 'The state equals this.' }),
    ne: t.field({ type: PluginState, description: 'The state differs from this.' }),
    in: t.field({ type: [PluginState], description: 'The state is one of these.' }),
    notIn: t.field({ type: [PluginState], description: 'The state is none of these.' }),
  }),
});
