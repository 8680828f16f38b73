import {
  deregisterSupervisor,
  derivedFields,
  disableSupervisor,
  enableSupervisor,
  getSupervisor,
  type JsonObject,
  listSupervisors,
  registerSupervisor,
  releaseHeldSupervisors,
  resetSupervisorSecret,
  type SupervisorStat as SupervisorStatShape,
  type supervisorGroupKeys,
  type supervisorOrderFields,
  supervisorStats,
  updateSupervisor,
} from '@muster/core';
import type { Supervisor as SupervisorModel } from '@muster/db';
import { builder, type InputFields } from '../builder.ts';
import { SupervisorFilter } from '../inputs/entityFilters.ts';
import { OrderDirection } from '../inputs/filters.ts';
import { fromInput } from '../inputs/input.ts';
import { SupervisorState } from '../inputs/states.ts';
import { Condition, conditionsOf } from './condition.ts';

export const Supervisor = builder.prismaNode('Supervisor', {
  description:
    'An agent that runs plugins where it is. It dials out and publishes itself; its domain and hostname tell it apart.',
  id: { field: 'id', description: "The reference's supervisor_id: `supervisor-` and 12 hex digits." },
  fields: (t) => ({
    domainId: t.exposeID('domainId', { description: 'The tenant that it belongs to.' }),
    name: t.exposeString('name', { description: 'What people call it.' }),
    hostname: t.exposeString('hostname', { description: 'Where it runs; no two in a domain have the same.' }),
    state: t.expose('state', { type: SupervisorState, description: 'Where it is in its life.' }),
    isPublic: t.exposeBoolean('isPublic', { description: 'Whether it takes plugins of other domains too.' }),
    priority: t.exposeInt('priority', { description: 'Plugins are placed on the greatest priority first.' }),
    labels: t.field({
      type: 'JSONObject',
      description: 'What placement can ask for, such as `{"env": "prod"}`.',
      resolve: (supervisor) => supervisor.labels as JsonObject,
    }),
    tags: t.field({
      type: 'JSONObject',
      description: 'Free notes; empty on a public supervisor of another domain.',
      resolve: (row, _args, context) => derivedFields.supervisor.tags.read(row, context) as JsonObject,
    }),
    connected: t.boolean({
      description: 'Whether it is alive at this moment: its lease has not run out.',
      resolve: (row, _args, context) => derivedFields.supervisor.connected.read(row, context),
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it last published. Not part of events: read at this moment.',
      resolve: (row, _args, context) => derivedFields.supervisor.lastSeenAt.read(row, context),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it first published itself.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When it last changed; a heartbeat is no change.',
    }),
    conditions: t.field({
      type: [Condition],
      description: 'What is wrong with it beyond its state, such as DUPLICATE_AGENT; empty while nothing is.',
      resolve: ({ conditions }) => conditionsOf(conditions),
    }),
    cordoned: t.exposeBoolean('cordoned', {
      description: 'Whether nothing new is placed on it, whatever its state: it was cordoned, or drained.',
    }),
    registeredAt: t.expose('registeredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When an operator registered it; null for a newcomer.',
    }),
  }),
});

export const SupervisorConnection = builder.connectionObject(
  { type: Supervisor, name: 'SupervisorConnection', description: 'A page of supervisors.' },
  { description: 'A supervisor in a page.' },
);

export const SupervisorOrderField = builder.enumType('SupervisorOrderField', {
  description: 'What supervisors can be ordered by.',
  values: {
    ID: { description: 'By id.' },
    NAME: { description: 'By name.' },
    HOSTNAME: { description: 'By hostname.' },
    STATE: { description: 'By state: PENDING, ENABLED, DISABLED, DISCONNECTED.' },
    PRIORITY: { description: 'By priority.' },
    CREATED_AT: { description: 'By when it first published itself.' },
    UPDATED_AT: { description: 'By when it last changed.' },
  } as const satisfies Record<keyof typeof supervisorOrderFields, object>,
});

export const SupervisorOrder = builder.inputType('SupervisorOrder', {
  description: 'One key of an order. Rows that are alike in all keys are ordered by id.',
  fields: (t) => ({
    field: t.field({ type: SupervisorOrderField, required: true, description: 'What to order by.' }),
    direction: t.field({ type: OrderDirection, required: true, description: 'Which way.' }),
  }),
});

builder.queryField('supervisor', (t) =>
  t.field({
    type: Supervisor,
    authScopes: { read: true },
    nullable: true,
    description: 'The supervisor with this id; null where there is none, or none that you may see.',
    args: { id: t.arg.id({ required: true, description: '`supervisor-` and 12 hex digits.' }) },
    resolve: (_root, { id }, { core, viewer }) => getSupervisor(core, viewer, id),
  }),
);

builder.queryField('supervisors', (t) =>
  t.field({
    type: SupervisorConnection,
    authScopes: { read: true },
    description: 'Supervisors, a page at a time, by name unless ordered otherwise.',
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN sees all domains, or the one named here.' }),
      filter: t.arg({ type: SupervisorFilter, description: 'Which supervisors; all by default.' }),
      keyword: t.arg.string({
        description: 'Words, of which any stands somewhere in id, name or hostname, in upper or lower case.',
      }),
      includePublic: t.arg.boolean({
        defaultValue: false,
        description: 'Public supervisors of other domains too, without their tags and without their other tenants.',
      }),
      orderBy: t.arg({ type: [SupervisorOrder], description: 'By name unless said otherwise.' }),
      ...t.arg.connectionArgs(),
    },
    resolve: (_root, args, { core, viewer }) => listSupervisors(core, viewer, args),
  }),
);

export const SupervisorGroupKey = builder.enumType('SupervisorGroupKey', {
  description: 'What supervisors can be counted by.',
  values: {
    STATE: { description: 'By state.' },
    IS_PUBLIC: { description: 'By publicity.' },
    DOMAIN_ID: { description: 'By domain.' },
    LABEL: { description: 'By label: one with several labels counts in the group of each of them.' },
  } as const satisfies Record<(typeof supervisorGroupKeys)[number], object>,
});

export const SupervisorStat = builder.objectRef<SupervisorStatShape>('SupervisorStat').implement({
  description: 'How many supervisors are alike. Only the keys that were grouped by are set.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'How many.' }),
    state: t.expose('state', { type: SupervisorState, nullable: true, description: 'The state of all of them.' }),
    isPublic: t.exposeBoolean('isPublic', { nullable: true, description: 'The publicity of all of them.' }),
    domainId: t.exposeID('domainId', { nullable: true, description: 'The domain of all of them.' }),
    label: t.exposeString('label', {
      nullable: true,
      description: 'The label of all of them, as `key=value`; null for those without one.',
    }),
  }),
});

builder.queryField('supervisorStats', (t) =>
  t.field({
    type: [SupervisorStat],
    authScopes: { read: true },
    description: 'Supervisors counted by group, the largest group first.',
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN counts all domains, or the one named here.' }),
      filter: t.arg({ type: SupervisorFilter, description: 'Which supervisors to count; all by default.' }),
      groupBy: t.arg({ type: [SupervisorGroupKey], required: true, description: 'At least one key.' }),
      labelKey: t.arg.string({ description: 'With LABEL: only the label with this key.' }),
    },
    resolve: (_root, args, { core, viewer }) => supervisorStats(core, viewer, args),
  }),
);

/** Which supervisor a mutation is for. */
export const targetFields = (t: InputFields) => ({
  supervisorId: t.id({ required: true, description: 'Which supervisor.' }),
  domainId: t.id({ description: 'Its domain; your own by default.' }),
});

/** What an operator sets. */
const patchFields = (t: InputFields) => ({
  name: t.string({ description: '1 to 255 characters; can not be cleared.' }),
  isPublic: t.boolean({ description: 'Whether it takes plugins of other domains too; for an ADMIN only.' }),
  priority: t.int({ description: 'Plugins are placed on the greatest priority first. Cleared: 0.' }),
  labels: t.field({ type: 'JSONObject', description: 'Replaces all labels. At most 64 keys and 16 KiB.' }),
  tags: t.field({ type: 'JSONObject', description: 'Replaces all tags. At most 64 keys and 16 KiB.' }),
});

export const supervisorPayload = (name: string, description: string) =>
  builder.objectRef<{ supervisor: SupervisorModel }>(name).implement({
    description,
    fields: (t) => ({
      supervisor: t.field({
        type: Supervisor,
        description: 'The supervisor as it is now.',
        resolve: (payload) => payload.supervisor,
      }),
    }),
  });

const RegisterSupervisorInput = builder.inputType('RegisterSupervisorInput', {
  description: 'A newcomer to enable, and what to call it. A field left out stays as it is; null clears it.',
  fields: (t) => ({ ...targetFields(t), ...patchFields(t) }),
});

builder.mutationField('registerSupervisor', (t) =>
  t.field({
    type: supervisorPayload('RegisterSupervisorPayload', 'The supervisor that was registered.'),
    authScopes: { operate: true },
    description: 'Makes a newcomer ENABLED, the only thing that does, and sets its fields in the same step.',
    args: { input: t.arg({ type: RegisterSupervisorInput, required: true, description: 'Which, and how.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      supervisor: await fromInput(registerSupervisor(core, viewer, input)),
    }),
  }),
);

const UpdateSupervisorInput = builder.inputType('UpdateSupervisorInput', {
  description: 'What to change of a supervisor. A field left out stays as it is; null clears it.',
  fields: (t) => ({ ...targetFields(t), ...patchFields(t) }),
});

builder.mutationField('updateSupervisor', (t) =>
  t.field({
    type: supervisorPayload('UpdateSupervisorPayload', 'The supervisor that was changed.'),
    authScopes: { operate: true },
    description:
      'Changes what operators set, in any state. What was set here, the agent no longer changes by publishing.',
    args: { input: t.arg({ type: UpdateSupervisorInput, required: true, description: 'Which, and what.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      supervisor: await fromInput(updateSupervisor(core, viewer, input)),
    }),
  }),
);

const EnableSupervisorInput = builder.inputType('EnableSupervisorInput', {
  description: 'Which supervisor to enable.',
  fields: targetFields,
});

builder.mutationField('enableSupervisor', (t) =>
  t.field({
    type: supervisorPayload('EnableSupervisorPayload', 'The supervisor that was enabled.'),
    authScopes: { operate: true },
    description: 'Makes a registered supervisor ENABLED again; one that is already stays so.',
    args: { input: t.arg({ type: EnableSupervisorInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      supervisor: await fromInput(enableSupervisor(core, viewer, input)),
    }),
  }),
);

const DisableSupervisorInput = builder.inputType('DisableSupervisorInput', {
  description: 'Which supervisor to disable.',
  fields: targetFields,
});

builder.mutationField('disableSupervisor', (t) =>
  t.field({
    type: supervisorPayload('DisableSupervisorPayload', 'The supervisor that was disabled.'),
    authScopes: { operate: true },
    description: 'Freezes a registered supervisor: nothing new is placed on it, and what runs there keeps running.',
    args: { input: t.arg({ type: DisableSupervisorInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      supervisor: await fromInput(disableSupervisor(core, viewer, input)),
    }),
  }),
);

const DeregisterSupervisorInput = builder.inputType('DeregisterSupervisorInput', {
  description: 'Which supervisor to forget.',
  fields: (t) => ({
    ...targetFields(t),
    force: t.boolean({ defaultValue: false, description: 'Even though managed plugins remain on it.' }),
  }),
});

const DeregisterSupervisorPayload = builder
  .objectRef<{ deregisteredId: string }>('DeregisterSupervisorPayload')
  .implement({
    description: 'The supervisor that was forgotten.',
    fields: (t) => ({
      deregisteredId: t.exposeID('deregisteredId', { description: 'The id that it had.' }),
    }),
  });

builder.mutationField('deregisterSupervisor', (t) =>
  t.field({
    type: DeregisterSupervisorPayload,
    authScopes: { operate: true },
    description:
      'Forgets a supervisor and what is on it. INSTALLED_PLUGIN_EXISTS while managed plugins remain, unless forced. Should it publish again, it is a newcomer.',
    args: { input: t.arg({ type: DeregisterSupervisorInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      deregisteredId: await fromInput(deregisterSupervisor(core, viewer, input)),
    }),
  }),
);

const ResetSupervisorSecretInput = builder.inputType('ResetSupervisorSecretInput', {
  description: 'Whose secret to forget.',
  fields: targetFields,
});

builder.mutationField('resetSupervisorSecret', (t) =>
  t.field({
    type: supervisorPayload('ResetSupervisorSecretPayload', 'The supervisor whose secret was forgotten.'),
    authScopes: { administer: true },
    description:
      'For an ADMIN: forgets the secret key that a supervisor was created with. Its next publish fixes a new one, if it brings one.',
    args: { input: t.arg({ type: ResetSupervisorSecretInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      supervisor: await fromInput(resetSupervisorSecret(core, viewer, input)),
    }),
  }),
);

const ReleaseHeldSupervisorsInput = builder.inputType('ReleaseHeldSupervisorsInput', {
  description: 'Where to stop holding supervisors.',
  fields: (t) => ({
    domainId: t.id({ description: 'Which domain; your own by default.' }),
  }),
});

const ReleaseHeldSupervisorsPayload = builder
  .objectRef<{ disconnectedIds: string[] }>('ReleaseHeldSupervisorsPayload')
  .implement({
    description: 'The supervisors that were held.',
    fields: (t) => ({
      disconnectedIds: t.exposeIDList('disconnectedIds', { description: 'Those that are DISCONNECTED now.' }),
    }),
  });

builder.mutationField('releaseHeldSupervisors', (t) =>
  t.field({
    type: ReleaseHeldSupervisorsPayload,
    authScopes: { operate: true },
    description:
      'Says that supervisors whose leases ran out together (condition LEASES_HELD) are really gone: they become DISCONNECTED.',
    args: { input: t.arg({ type: ReleaseHeldSupervisorsInput, required: true, description: 'Where.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      disconnectedIds: await fromInput(releaseHeldSupervisors(core, viewer, input)),
    }),
  }),
);
