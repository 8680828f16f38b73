import { blockedHostnameOf, changedFields, cursorOf, eventId, eventSeq, listEvents, namesOf } from '@muster/core';
import { builder, connection } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { EventFilter, EventKind } from '../inputs/eventFilter.ts';

const Event = builder.prismaNode('Event', {
  description:
    'A committed change of a supervisor, a plugin, a rollout, a deployment, a release or, for operators, a credential or a block.',
  findUnique: (id) => ({ seq: BigInt(eventSeq(id)) }),
  id: { resolve: (event) => eventId(Number(event.seq)), description: 'The id: `event-` and a number.' },
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description:
        'The place of this event in the order of all changes: give it as `after` to `events` or to a subscription to read on from here.',
      resolve: (event, _args, { core }) => cursorOf(core, event.seq),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'The time of the change.' }),
    domainId: t.exposeID('domainId', {
      description:
        'The domain (tenant) of the supervisor, plugin, rollout, deployment, release, API key or hostname that the event is about; `*` for a key of all domains and for a public release.',
    }),
    kind: t.expose('kind', { type: EventKind, description: 'The kind of change.' }),
    supervisorId: t.exposeID('supervisorId', {
      nullable: true,
      description:
        'The id of the supervisor that changed, or that the plugin or the step of a rollout is on; null for an API key, a blocked hostname, a release, a deployment or a rollout itself.',
    }),
    pluginInstanceId: t.exposeID('pluginInstanceId', {
      nullable: true,
      description: 'The id of the plugin that changed; null for any other event.',
    }),
    apiKeyId: t.exposeID('apiKeyId', {
      nullable: true,
      description: 'The id of the API key that was created or revoked; null for any other event.',
    }),
    blockedHostname: t.string({
      nullable: true,
      description: 'The hostname that was blocked or unblocked; null for any other event.',
      resolve: (event) => blockedHostnameOf(event),
    }),
    rolloutId: t.exposeID('rolloutId', {
      nullable: true,
      description: 'The id of the rollout that changed, or whose step did; null for any other event.',
    }),
    releaseId: t.exposeID('releaseId', {
      nullable: true,
      description: 'The id of the release that was published or retired; null for any other event.',
    }),
    deploymentId: t.exposeID('deploymentId', {
      nullable: true,
      description: 'The id of the deployment that changed; null for any other event.',
    }),
    name: t.string({
      nullable: true,
      description: 'The name of the supervisor or the deployment, as of the event; null for any other event.',
      resolve: (event) => namesOf(event).name,
    }),
    pluginId: t.string({
      nullable: true,
      description:
        'The software that the plugin, release, deployment or rollout is of; null for any other event. It stays known when the plugin itself is gone.',
      resolve: (event) => namesOf(event).pluginId,
    }),
    version: t.string({
      nullable: true,
      description:
        'The version of the plugin or the release, or that the deployment had after the event; null for any other event.',
      resolve: (event) => namesOf(event).version,
    }),
    from: t.exposeString('from', {
      nullable: true,
      description: 'The state before the change; null where the state did not change.',
    }),
    to: t.exposeString('to', {
      nullable: true,
      description: 'The state after the change; null where the state did not change.',
    }),
    actor: t.exposeString('actor', {
      nullable: true,
      description: 'The subject whose credential made the change; `muster` for the control plane itself.',
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'The reason of the change, as a word for programs.',
    }),
    changes: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        'The fields that changed, with their values before and after: `{"priority": {"from": 0, "to": 5}}`; null for a creation or a deletion.',
      resolve: (event) => changedFields(event),
    }),
  }),
});

const EventConnection = builder.connectionObject(
  { type: Event, name: 'EventConnection', description: 'A page of events.' },
  { description: 'An event in a page.' },
);

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection,
    authScopes: { read: true },
    nullable: true,
    description:
      'A page of events, the oldest first; ask for `last` to read the newest. Events are kept for 7 days by default.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      filter: t.arg({ type: EventFilter, description: 'The events to list. Default: all.' }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, args, { core, viewer }) => connection(await listEvents(core, viewer, args)),
  }),
);
