import { type SupervisorStat as SupervisorStatShape, type supervisorGroupKeys, supervisorStats } from '@muster/core';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { SupervisorFilter } from '../inputs/entityFilters.ts';
import { SupervisorState } from '../inputs/states.ts';

const SupervisorGroupKey = builder.enumType('SupervisorGroupKey', {
  description: 'A key by which supervisors can be counted.',
  values: {
    STATE: { description: 'The state.' },
    IS_PUBLIC: { description: 'Whether plugins of other domains are taken.' },
    DOMAIN_ID: { description: 'The domain.' },
    LABEL: { description: 'The label: a supervisor with several labels counts in the group of each.' },
  } as const satisfies Record<(typeof supervisorGroupKeys)[number], object>,
});

const SupervisorStat = builder.objectRef<SupervisorStatShape>('SupervisorStat').implement({
  description: 'A group of supervisors that are equal in the keys of `groupBy`. Fields of other keys are null.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'The number of supervisors in the group.' }),
    state: t.expose('state', { type: SupervisorState, nullable: true, description: 'The state of the group.' }),
    isPublic: t.exposeBoolean('isPublic', {
      nullable: true,
      description: 'Whether the supervisors of the group take plugins of other domains.',
    }),
    domainId: t.exposeID('domainId', { nullable: true, description: 'The domain of the group.' }),
    label: t.exposeString('label', {
      nullable: true,
      description: 'The label of the group, as `key=value`; null for supervisors without a label.',
    }),
  }),
});

builder.queryField('supervisorStats', (t) =>
  t.field({
    type: [SupervisorStat],
    authScopes: { read: true },
    nullable: true,
    description: 'The numbers of supervisors by group, the largest group first. More than 10,000 groups are refused.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      filter: t.arg({ type: SupervisorFilter, description: 'The supervisors to count. Default: all.' }),
      groupBy: t.arg({
        type: [SupervisorGroupKey],
        required: true,
        description: 'The keys to group by; at least one.',
      }),
      labelKey: t.arg.string({
        description: 'Together with LABEL: the only key whose values make groups. Default: every label makes a group.',
      }),
    },
    resolve: (_root, args, { core, viewer }) => supervisorStats(core, viewer, args),
  }),
);
