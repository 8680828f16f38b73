import type { PluginState as StoredPluginState, SupervisorState as StoredSupervisorState } from '@muster/db';
import { builder } from '../builder.ts';

type Values<State extends string> = Record<State | 'NONE', { description: string }>;

const none = {
  description:
    'No state: where something comes from when it is created, and goes to when it is deleted. In a filter: any state.',
};

export const SupervisorState = builder.enumType('SupervisorState', {
  description: 'Where a supervisor is in its life.',
  values: {
    NONE: none,
    PENDING: { description: 'It has published itself, and no operator has registered it yet.' },
    ENABLED: { description: 'Registered: plugins may be placed on it.' },
    DISABLED: { description: 'Frozen by an operator: nothing new is placed on it, and what runs there keeps running.' },
    DISCONNECTED: { description: 'Its lease ran out: it has not been heard of for too long.' },
  } as const satisfies Values<StoredSupervisorState>,
});

export const PluginState = builder.enumType('PluginState', {
  description: 'Where a plugin is in its life on its supervisor.',
  values: {
    NONE: none,
    PROVISIONING: { description: 'Being installed and started for the first time.' },
    ACTIVE: { description: 'Running: its endpoints can be called.' },
    RE_PROVISIONING: { description: 'Being installed and started anew, since somebody asked to recover it.' },
    ERROR: { description: 'Not running; `reason` and `message` say why.' },
  } as const satisfies Values<StoredPluginState>,
});

export const SupervisorStateFilter = builder.inputType('SupervisorStateFilter', {
  description: 'Which states are meant. NONE means any.',
  fields: (t) => ({
    eq: t.field({ type: SupervisorState, description: 'This one.' }),
    ne: t.field({ type: SupervisorState, description: 'Any but this one.' }),
    in: t.field({ type: [SupervisorState], description: 'One of these.' }),
    notIn: t.field({ type: [SupervisorState], description: 'None of these.' }),
  }),
});

export const PluginStateFilter = builder.inputType('PluginStateFilter', {
  description: 'Which states are meant. NONE means any.',
  fields: (t) => ({
    eq: t.field({ type: PluginState, description: 'This one.' }),
    ne: t.field({ type: PluginState, description: 'Any but this one.' }),
    in: t.field({ type: [PluginState], description: 'One of these.' }),
    notIn: t.field({ type: [PluginState], description: 'None of these.' }),
  }),
});
