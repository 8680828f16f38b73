import { type RolloutChange, watchRollout } from '@muster/core';
import { builder } from '../builder.ts';
import { EventKind } from '../inputs/eventFilter.ts';
import { Rollout } from '../types/rollout.ts';
import { cursorField } from './changeFields.ts';

const RolloutChanged = builder.objectRef<RolloutChange>('RolloutChanged').implement({
  description:
    'A change of a rollout or of one of its steps; at the start of a subscription, the state of the rollout.',
  fields: (t) => ({
    cursor: cursorField(t, 'The place of this state in the order of all changes.'),
    rollout: t.field({
      type: Rollout,
      description: 'The rollout as it is when the change is sent.',
      resolve: ({ state }) => state,
    }),
    kind: t.field({
      type: EventKind,
      nullable: true,
      description: 'The kind of change; null at the start of a subscription.',
      resolve: ({ change }) => change?.kind ?? null,
    }),
    at: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time of the change; null at the start of a subscription.',
      resolve: ({ change }) => change?.at ?? null,
    }),
    supervisorId: t.id({
      nullable: true,
      description: 'The id of the supervisor whose step changed; null for a change of the rollout itself.',
      resolve: ({ change }) => change?.supervisorId ?? null,
    }),
    from: t.string({
      nullable: true,
      description: 'The state before the change, NONE for a creation; null where the state did not change.',
      resolve: ({ change }) => change?.from ?? null,
    }),
    to: t.string({
      nullable: true,
      description: 'The state after the change, NONE for a deletion; null where the state did not change.',
      resolve: ({ change }) => change?.to ?? null,
    }),
    actor: t.string({
      nullable: true,
      description: 'The subject whose credential made the change; `muster` for the control plane itself.',
      resolve: ({ change }) => change?.actor ?? null,
    }),
    reason: t.string({
      nullable: true,
      description: 'The reason of the change, as a word for programs.',
      resolve: ({ change }) => change?.reason ?? null,
    }),
  }),
});

builder.subscriptionField('rolloutChanged', (t) =>
  t.field({
    type: RolloutChanged,
    authScopes: { read: true },
    description: 'The present state of a rollout, and then each change of it and of its steps.',
    args: {
      id: t.arg.id({ required: true, description: 'The id: `rollout-` and 12 hex digits.' }),
      after: t.arg({
        type: 'Cursor',
        description: 'The cursor after which to start, without the present state. Default: now, with it.',
      }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await watchRollout(core, viewer, args)),
    resolve: (change) => change,
  }),
);
