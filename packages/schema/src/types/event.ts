import {
  changedFields,
  cursorOf,
  type EventFilter as EventFilterShape,
  eventId,
  eventSeq,
  listEvents,
} from '@muster/core';
import type { EventKind as StoredEventKind } from '@muster/db';
import { builder } from '../builder.ts';
import { DateTimeFilter, StringFilter } from '../inputs/filters.ts';

export const EventKind = builder.enumType('EventKind', {
  description: 'What happened.',
  values: {
    SUPERVISOR_CREATED: { description: 'A supervisor published itself for the first time.' },
    SUPERVISOR_STATE_CHANGED: { description: "A supervisor's state changed, perhaps with other fields." },
    SUPERVISOR_UPDATED: { description: 'Fields of a supervisor changed, and not its state.' },
    SUPERVISOR_DELETED: { description: 'A supervisor was deregistered.' },
    PLUGIN_CREATED: { description: 'A plugin came to be.' },
    PLUGIN_STATE_CHANGED: { description: "A plugin's state changed, perhaps with other fields." },
    PLUGIN_UPDATED: { description: 'Fields of a plugin changed, and not its state.' },
    PLUGIN_DELETED: { description: 'A plugin is gone.' },
  } as const satisfies Record<StoredEventKind, object>,
});

export const Event = builder.prismaNode('Event', {
  description: 'One committed change, at its place in the order of all changes.',
  findUnique: (id) => ({ seq: BigInt(eventSeq(id)) }),
  id: { resolve: (event) => eventId(Number(event.seq)), description: '`event-` and a number.' },
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Its place: give it as `after` to a subscription, and to `events`, to go on from there.',
      resolve: (event, _args, { core }) => cursorOf(core, event.seq),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was committed.' }),
    domainId: t.exposeID('domainId', { description: 'The tenant whose supervisor or plugin changed.' }),
    kind: t.expose('kind', { type: EventKind, description: 'What happened.' }),
    supervisorId: t.exposeID('supervisorId', {
      nullable: true,
      description: 'The supervisor that changed, or that the plugin is on.',
    }),
    pluginInstanceId: t.exposeID('pluginInstanceId', {
      nullable: true,
      description: 'The plugin that changed, if one did.',
    }),
    from: t.exposeString('from', { nullable: true, description: 'The state before; null where the state stayed.' }),
    to: t.exposeString('to', { nullable: true, description: 'The state after; null where the state stayed.' }),
    actor: t.exposeString('actor', {
      nullable: true,
      description: 'Whose doing it was; `muster` for the control plane itself.',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it came about.' }),
    changes: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'The fields that changed: `{"priority": {"from": 0, "to": 5}}`; null for a creation or deletion.',
      resolve: (event) => changedFields(event),
    }),
  }),
});

const EventConnection = builder.connectionObject(
  { type: Event, name: 'EventConnection', description: 'A page of history.' },
  { description: 'An event in a page.' },
);

const EventKindFilter = builder.inputType('EventKindFilter', {
  description: 'Which kinds are meant.',
  fields: (t) => ({
    eq: t.field({ type: EventKind, description: 'This one.' }),
    ne: t.field({ type: EventKind, description: 'Any but this one.' }),
    in: t.field({ type: [EventKind], description: 'One of these.' }),
    notIn: t.field({ type: [EventKind], description: 'None of these.' }),
  }),
});

/** It reaches into itself, so its shape is named before its fields. */
const EventFilter = builder.inputRef<EventFilterShape>('EventFilter');

EventFilter.implement({
  description: 'Which events are meant. All that is given must hold; nothing given means all.',
  fields: (t) => ({
    and: t.field({ type: [EventFilter], description: 'All of these hold.' }),
    or: t.field({ type: [EventFilter], description: 'At least one of these holds.' }),
    not: t.field({ type: EventFilter, description: 'This does not hold.' }),
    kind: t.field({ type: EventKindFilter, description: 'By what happened.' }),
    supervisorId: t.field({
      type: StringFilter,
      description: 'By the supervisor that changed, or that the plugin is on.',
    }),
    pluginInstanceId: t.field({ type: StringFilter, description: 'By the plugin that changed.' }),
    from: t.field({ type: StringFilter, description: 'By the state before.' }),
    to: t.field({ type: StringFilter, description: 'By the state after.' }),
    actor: t.field({ type: StringFilter, description: 'By whose doing it was.' }),
    reason: t.field({ type: StringFilter, description: 'By why it came about.' }),
    at: t.field({ type: DateTimeFilter, description: 'By when it was committed.' }),
  }),
});

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection,
    authScopes: { read: true },
    description: 'History, a page at a time, oldest first: for the newest, ask for the `last` so many.',
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN sees all domains, or the one named here.' }),
      filter: t.arg({ type: EventFilter, description: 'Which events; all by default.' }),
      ...t.arg.connectionArgs(),
    },
    resolve: (_root, args, { core, viewer }) => listEvents(core, viewer, args),
  }),
);
