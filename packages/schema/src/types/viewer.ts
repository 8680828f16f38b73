import {
  can,
  cursorOf,
  type DomainCondition as DomainConditionShape,
  domainConditions,
  type roles,
  type Viewer as ViewerShape,
} from '@muster/core';
import { builder } from '../builder.ts';

/** The role of a credential. */
export const Role = builder.enumType('Role', {
  description: 'The role of a credential: the operations that it allows.',
  values: {
    VIEWER: { description: 'May read its domain.' },
    OPERATOR: { description: 'May read and change its domain.' },
    SUPERVISOR: { description: 'An agent: may publish itself and fetch its assignments, and nothing else.' },
    ADMIN: { description: 'May do all of that, in every domain.' },
  } as const satisfies Record<(typeof roles)[number], object>,
});

const DomainCondition = builder.objectRef<DomainConditionShape>('DomainCondition').implement({
  description: 'A lasting problem of a whole domain.',
  fields: (t) => ({
    domainId: t.exposeID('domainId', { description: 'The domain that has the problem.' }),
    type: t.exposeString('type', {
      description:
        'The kind of problem, as a word for programs. LEASES_HELD: a large share of the leases expired at once, so that none of the supervisors is made DISCONNECTED until an operator confirms.',
    }),
    since: t.expose('since', { type: 'DateTime', description: 'The time when the problem was noticed.' }),
    message: t.exposeString('message', { description: 'The problem in words for people.' }),
  }),
});

const Viewer = builder.objectRef<ViewerShape>('Viewer').implement({
  description: 'The sender of a request, as the credential identifies it.',
  fields: (t) => ({
    subject: t.exposeString('subject', { description: 'The owner of the credential; events name it as the actor.' }),
    role: t.expose('role', { type: Role, description: 'The role of the credential.' }),
    domainId: t.exposeID('domainId', {
      nullable: true,
      description: 'The domain of the credential; null for an ADMIN of all domains.',
    }),
    cursor: t.field({
      type: 'Cursor',
      description:
        'The place of now in the order of all changes, as of the start of this request: the other fields of the answer have every change up to it. A subscription with it as `after` goes on without a gap; a change that the answer has already may come once more.',
      resolve: (_viewer, _args, { core, startSeq }) => cursorOf(core, startSeq),
    }),
    conditions: t.field({
      type: [DomainCondition],
      description:
        'Lasting problems of your domain, or of any domain for an ADMIN of all, at most 1,000 of them; empty while there is none.',
      resolve: (viewer, _args, { core }) => (can(viewer, 'read') ? domainConditions(core, viewer) : []),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    authScopes: { authenticated: true },
    nullable: true,
    description: 'The sender of this request: you.',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
);
