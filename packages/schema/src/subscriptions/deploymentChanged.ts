import { type DeploymentChanged as DeploymentChangedShape, watchDeployment } from '@muster/core';
import { builder } from '../builder.ts';
import { EventKind } from '../inputs/eventFilter.ts';
import { Deployment } from '../types/deployment.ts';
import { cursorField } from './changeFields.ts';

const DeploymentChanged = builder.objectRef<DeploymentChangedShape>('DeploymentChanged').implement({
  description: 'A change of a deployment or of its status; at the start of a subscription, the deployment as it is.',
  fields: (t) => ({
    cursor: cursorField(t, 'The place of this state in the order of all changes.'),
    deployment: t.field({
      type: Deployment,
      description: 'The deployment as it is when the change is sent.',
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

builder.subscriptionField('deploymentChanged', (t) =>
  t.field({
    type: DeploymentChanged,
    authScopes: { read: true },
    description:
      'A deployment as it is, and then each change of it and of its status. The stream ends with NOT_FOUND once the deployment is deleted.',
    args: {
      id: t.arg.id({ required: true, description: 'The id: `deployment-` and 12 hex digits.' }),
      after: t.arg({
        type: 'Cursor',
        description: 'The cursor after which to start, without the present state. Default: now, with it.',
      }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await watchDeployment(core, viewer, args)),
    resolve: (change) => change,
  }),
);
