import {
  can,
  type DomainCondition as DomainConditionShape,
  domainConditions,
  type roles,
  type Viewer as ViewerShape,
} from '@muster/core';
import { builder } from '../builder.ts';

export const Role = builder.enumType('Role', {
  description: 'What a credential may do.',
  values: {
    VIEWER: { description: 'Reads its domain.' },
    OPERATOR: { description: 'Reads and changes its domain.' },
    SUPERVISOR: { description: 'An agent: publishes, and fetches its own list; nothing else.' },
    ADMIN: { description: 'All of that, in every domain.' },
  } as const satisfies Record<(typeof roles)[number], object>,
});

const DomainCondition = builder.objectRef<DomainConditionShape>('DomainCondition').implement({
  description: 'Something that is wrong with a whole domain, and lasts.',
  fields: (t) => ({
    domainId: t.exposeID('domainId', { description: 'Where.' }),
    type: t.exposeString('type', {
      description:
        'What, in a word for programs: LEASES_HELD, when so many supervisors fell silent at once that none is marked.',
    }),
    since: t.expose('since', { type: 'DateTime', description: 'Since when.' }),
    message: t.exposeString('message', { description: 'What, in words for people.' }),
  }),
});

const Viewer = builder.objectRef<ViewerShape>('Viewer').implement({
  description: 'Who is asking, as the credential says.',
  fields: (t) => ({
    subject: t.exposeString('subject', { description: 'Whom the credential is for; the actor of what it changes.' }),
    role: t.expose('role', { type: Role, description: 'What the credential may do.' }),
    domainId: t.exposeID('domainId', {
      nullable: true,
      description: 'The domain that the credential is for; null for an ADMIN of all domains.',
    }),
    conditions: t.field({
      type: [DomainCondition],
      description: 'What is wrong with your domain, or with any for an ADMIN of all; empty while nothing is.',
      resolve: (viewer, _args, { core }) => (can(viewer, 'read') ? domainConditions(core, viewer) : []),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    authScopes: { authenticated: true },
    description: 'Who you are.',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
);
