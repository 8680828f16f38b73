import { cursorOf, type RolloutChange, watchRollout } from '@muster/core';
import { builder } from '../builder.ts';
import { Rollout } from '../types/rollout.ts';

const RolloutChanged = builder.objectRef<RolloutChange>('RolloutChanged').implement({
  description: 'The state of a rollout, sent at the start of a subscription and after each change.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'The place of this state in the order of all changes.',
      resolve: ({ seq }, _args, { core }) => cursorOf(core, seq),
    }),
    rollout: t.field({
      type: Rollout,
      description: 'The rollout as of this moment.',
      resolve: ({ rollout }) => rollout,
    }),
  }),
});

builder.subscriptionField('rolloutChanged', (t) =>
  t.field({
    type: RolloutChanged,
    authScopes: { read: true },
    description: 'The present state of a rollout, and then its state after each change.',
    args: { id: t.arg.id({ required: true, description: 'The id: `rollout-` and 12 hex digits.' }) },
    subscribe: async (_root, { id }, { core, viewer, follow }) => follow(await watchRollout(core, viewer, id)),
    resolve: (change) => change,
  }),
);
