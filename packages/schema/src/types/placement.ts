import {
  type ConsideredSupervisor as ConsideredShape,
  explainPlacement,
  placementRules,
  type PlacementRule as Rule,
} from '@muster/core';
import { builder, connection } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';

const PlacementRule = builder.enumType('PlacementRule', {
  description: 'A rule of placement that rejects a supervisor.',
  values: {
    OTHER_DOMAIN: { description: 'The supervisor belongs to another domain and is not public.' },
    NOT_ENABLED: { description: 'The supervisor is not ENABLED.' },
    CORDONED: { description: 'The supervisor is cordoned.' },
    LABELS: { description: 'The labels of the supervisor do not contain all required labels.' },
    ALREADY_THERE: { description: 'The supervisor has this version of the plugin already.' },
  } as const satisfies Record<Rule, object>,
});

const ConsideredSupervisor = builder.objectRef<ConsideredShape>('ConsideredSupervisor').implement({
  description: 'A supervisor that placement considers, and the result.',
  fields: (t) => ({
    supervisorId: t.id({ description: 'The id of the supervisor.', resolve: ({ candidate }) => candidate.id }),
    name: t.string({ description: 'The name of the supervisor.', resolve: ({ candidate }) => candidate.name }),
    rank: t.exposeInt('rank', {
      nullable: true,
      description:
        'The rank among the supervisors that can take the plugin, from 1, the best; null for a rejected supervisor.',
    }),
    rejectedBy: t.expose('rejectedBy', {
      type: PlacementRule,
      nullable: true,
      description: 'The rule that rejects the supervisor; null where none does.',
    }),
    message: t.string({
      nullable: true,
      description: 'The rule that rejects the supervisor, in words for people; null where none does.',
      resolve: ({ rejectedBy }) => rejectedBy && placementRules[rejectedBy],
    }),
    lackingLabels: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        'The required labels that the supervisor lacks, or has with another value; null unless the rule LABELS rejects it.',
      resolve: ({ rejectedBy, candidate }) => (rejectedBy === 'LABELS' ? candidate.lackingLabels : null),
    }),
  }),
});

const ConsideredSupervisorConnection = builder.connectionObject(
  {
    type: ConsideredSupervisor,
    name: 'ConsideredSupervisorConnection',
    description: 'A page of the supervisors that placement considers.',
  },
  { description: 'A considered supervisor in a page.' },
);

builder.queryField('explainPlacement', (t) =>
  t.field({
    type: ConsideredSupervisorConnection,
    authScopes: { read: true },
    nullable: true,
    description:
      'A page of the supervisors that an install would consider, the best first, by the rules that an install uses. Changes nothing. Equal ones are ordered by id; an install chooses any of them. PLUGIN_STATE where the release of the version is retired.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.single }),
      pluginId: t.arg.string({ required: true, description: 'The plugin id, which names the software.' }),
      version: t.arg.string({ required: true, description: 'The version of the software.' }),
      labels: t.arg({
        type: 'JSONObject',
        description: 'The labels that the supervisor must have, such as `{"env": "prod"}`. Default: none are required.',
      }),
      supervisorId: t.arg.id({ description: 'The only supervisor to consider. Default: all.' }),
      allowPublic: t.arg.boolean({
        description: 'Whether public supervisors of other domains are considered. Default: true.',
      }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, args, { core, viewer }) => connection(await explainPlacement(core, viewer, args)),
  }),
);
