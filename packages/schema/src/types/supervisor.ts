import {
  derivedFields,
  getSupervisor,
  listSupervisors,
  type supervisorOrderFields,
  visibleConditions,
} from '@muster/core';
import { builder, connection } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { SupervisorFilter } from '../inputs/entityFilters.ts';
import { OrderDirection } from '../inputs/filters.ts';
import { SupervisorState } from '../inputs/states.ts';
import { Condition, conditionsOf } from './condition.ts';

/** An agent that runs plugins. */
export const Supervisor = builder.prismaNode('Supervisor', {
  description:
    'An agent that runs plugins on its host. It connects to Muster and publishes itself; the domain and the hostname identify it.',
  id: { field: 'id', description: 'The id (`supervisor_id` in the reference API): `supervisor-` and 12 hex digits.' },
  fields: (t) => ({
    domainId: t.exposeID('domainId', { description: 'The domain (tenant) that the supervisor belongs to.' }),
    name: t.exposeString('name', { description: 'The name, for people.' }),
    hostname: t.exposeString('hostname', {
      description:
        'The host that the agent runs on, as first given; unique in the domain, whatever the case of ASCII letters.',
    }),
    state: t.expose('state', { type: SupervisorState, description: 'The state in the lifecycle.' }),
    isPublic: t.exposeBoolean('isPublic', { description: 'Whether plugins of other domains may be placed here too.' }),
    priority: t.exposeInt('priority', {
      description:
        'The rank in placement: a plugin is placed on the supervisor with the greatest priority. Default: 0.',
    }),
    labels: t.expose('labels', {
      type: 'JSONObject',
      description: 'Labels that placement can require, such as `{"env": "prod"}`.',
    }),
    tags: t.field({
      type: 'JSONObject',
      description: 'Free notes. Always empty for a public supervisor of another domain.',
      resolve: (row, _args, context) => derivedFields.supervisor.tags.read(row, context),
    }),
    connected: t.exposeBoolean('connected', {
      description:
        'Whether the agent is heard of. False from the moment at which its expired lease is noticed, within seconds, whatever the state; going silent and coming back are changes of the supervisor.',
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time of the last sign of life, as of this moment. Not part of events.',
      resolve: (row, _args, context) => derivedFields.supervisor.lastSeenAt.read(row, context),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time of the first publish.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'The time of the last change; a heartbeat is no change.',
    }),
    conditions: t.field({
      type: [Condition],
      description:
        'Lasting problems beyond the state, such as DUPLICATE_AGENT; empty while there is none, and on supervisors of other domains.',
      resolve: (supervisor, _args, { viewer }) => conditionsOf(visibleConditions(viewer, supervisor)),
    }),
    cordoned: t.exposeBoolean('cordoned', {
      description: 'Whether an operator keeps new plugins away, by a cordon or a drain, whatever the state.',
    }),
    registeredAt: t.expose('registeredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time when an operator registered the supervisor; null before that.',
    }),
  }),
});

const SupervisorConnection = builder.connectionObject(
  { type: Supervisor, name: 'SupervisorConnection', description: 'A page of supervisors.' },
  { description: 'A supervisor in a page.' },
);

const SupervisorOrderField = builder.enumType('SupervisorOrderField', {
  description: 'A field by which supervisors can be ordered.',
  values: {
    ID: { description: 'The id.' },
    NAME: { description: 'The name.' },
    HOSTNAME: { description: 'The hostname.' },
    STATE: { description: 'The state, in the order PENDING, ENABLED, DISABLED, DISCONNECTED.' },
    PRIORITY: { description: 'The priority.' },
    CREATED_AT: { description: 'The time of the first publish.' },
    UPDATED_AT: { description: 'The time of the last change.' },
  } as const satisfies Record<keyof typeof supervisorOrderFields, object>,
});

const SupervisorOrder = builder.inputType('SupervisorOrder', {
  description: 'One key of an order of supervisors. Supervisors that are equal in all keys are ordered by id.',
  fields: (t) => ({
    field: t.field({ type: SupervisorOrderField, required: true, description: 'The field to order by.' }),
    direction: t.field({ type: OrderDirection, required: true, description: 'The direction.' }),
  }),
});

builder.queryField('supervisor', (t) =>
  t.field({
    type: Supervisor,
    authScopes: { read: true },
    nullable: true,
    description: 'The supervisor with this id; null where there is none that you may see.',
    args: { id: t.arg.id({ required: true, description: 'The id: `supervisor-` and 12 hex digits.' }) },
    resolve: (_root, { id }, { core, viewer }) => getSupervisor(core, viewer, id),
  }),
);

builder.queryField('supervisors', (t) =>
  t.field({
    type: SupervisorConnection,
    authScopes: { read: true },
    nullable: true,
    description: 'A page of supervisors.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      filter: t.arg({ type: SupervisorFilter, description: 'The supervisors to list. Default: all.' }),
      keyword: t.arg.string({
        description:
          'Words to search for: at least one of them occurs in the id, the name or the hostname. Upper and lower case are the same. At most 20 words count. Default: no search.',
      }),
      includePublic: t.arg.boolean({
        defaultValue: false,
        description:
          'Whether to list public supervisors of other domains too, without their tags and the plugins of other domains.',
      }),
      orderBy: t.arg({ type: [SupervisorOrder], description: 'The keys to order by. Default: the name, ascending.' }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, args, { core, viewer }) => connection(await listSupervisors(core, viewer, args)),
  }),
);
