import {
  type ConsideredSupervisor as ConsideredShape,
  explainPlacement,
  placementRules,
  type PlacementRule as Rule,
} from '@muster/core';
import { builder } from '../builder.ts';

const PlacementRule = builder.enumType('PlacementRule', {
  description: 'Why a supervisor can not take a plugin.',
  values: {
    OTHER_DOMAIN: { description: 'It belongs to another domain, and is not public.' },
    NOT_ENABLED: { description: 'It is not ENABLED.' },
    CORDONED: { description: 'It is cordoned: nothing new is placed on it.' },
    LABELS: { description: 'Its labels do not contain all the labels asked for.' },
    ALREADY_THERE: { description: 'This version of the plugin is there already.' },
  } as const satisfies Record<Rule, object>,
});

const ConsideredSupervisor = builder.objectRef<ConsideredShape>('ConsideredSupervisor').implement({
  description: 'What placement makes of one supervisor.',
  fields: (t) => ({
    supervisorId: t.id({ description: 'Which.', resolve: ({ candidate }) => candidate.id }),
    name: t.string({ description: 'What people call it.', resolve: ({ candidate }) => candidate.name }),
    rank: t.exposeInt('rank', {
      nullable: true,
      description: 'Its place in the order, from 1, which is where the plugin goes; null where it is rejected.',
    }),
    rejectedBy: t.expose('rejectedBy', {
      type: PlacementRule,
      nullable: true,
      description: 'The rule that rejects it; null where none does.',
    }),
    message: t.string({
      nullable: true,
      description: 'The same in words for people.',
      resolve: ({ rejectedBy }) => rejectedBy && placementRules[rejectedBy],
    }),
  }),
});

builder.queryField('explainPlacement', (t) =>
  t.field({
    type: [ConsideredSupervisor],
    authScopes: { read: true },
    description:
      'Each supervisor that an install would consider, the best first, by the very rules that decide. Nothing is changed; between equals an install may choose another.',
    args: {
      domainId: t.arg.id({ description: 'For which domain; your own by default.' }),
      pluginId: t.arg.string({ required: true, description: 'The software.' }),
      version: t.arg.string({ required: true, description: 'Its version.' }),
      labels: t.arg({ type: 'JSONObject', description: 'What the labels of its supervisor must contain.' }),
      supervisorId: t.arg.id({ description: 'The only supervisor to look at; all by default.' }),
    },
    resolve: (_root, args, { core, viewer }) => explainPlacement(core, viewer, args),
  }),
);
