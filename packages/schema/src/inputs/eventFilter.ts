import type { EventFilter as EventFilterShape } from '@muster/core';
import type { EventKind as StoredEventKind } from '@muster/db';
import { builder } from '../builder.ts';
import { DateTimeFilter, operatorsHold, partsHold, StringFilter } from './filters.ts';

/** The kind of an event. */
export const EventKind = builder.enumType('EventKind', {
  description: 'The kind of an event.',
  values: {
    SUPERVISOR_CREATED: { description: 'A supervisor was created, by its first publish or registered before that.' },
    SUPERVISOR_STATE_CHANGED: { description: 'The state of a supervisor changed, perhaps together with other fields.' },
    SUPERVISOR_UPDATED: { description: 'Fields of a supervisor changed, but not the state.' },
    SUPERVISOR_DELETED: { description: 'A supervisor was deleted.' },
    PLUGIN_CREATED: { description: 'A plugin was created.' },
    PLUGIN_STATE_CHANGED: { description: 'The state of a plugin changed, perhaps together with other fields.' },
    PLUGIN_UPDATED: { description: 'Fields of a plugin changed, but not the state.' },
    PLUGIN_DELETED: { description: 'A plugin was deleted.' },
    SUPERVISOR_SECRET_RESET: { description: 'The secret of a supervisor was reset. Shown to operators only.' },
    API_KEY_CREATED: {
      description: 'An API key was created, by an operator or for a newcomer. Shown to operators only.',
    },
    API_KEY_REVOKED: { description: 'An API key was revoked. Shown to operators only.' },
    HOSTNAME_BLOCKED: { description: 'A hostname was blocked. Shown to operators only.' },
    HOSTNAME_UNBLOCKED: { description: 'A hostname was unblocked. Shown to operators only.' },
    ROLLOUT_CREATED: { description: 'A rollout was started.' },
    ROLLOUT_STATE_CHANGED: { description: 'The state of a rollout changed, perhaps together with other fields.' },
    ROLLOUT_UPDATED: { description: 'Fields of a rollout changed, but not the state.' },
    ROLLOUT_STEP_CREATED: { description: 'A supervisor came to take part in a rollout.' },
    ROLLOUT_STEP_STATE_CHANGED: {
      description: 'The state of a step of a rollout changed, perhaps together with other fields.',
    },
    ROLLOUT_STEP_UPDATED: { description: 'Fields of a step of a rollout changed, but not the state.' },
    ROLLOUT_STEP_DELETED: { description: 'A step of a rollout was deleted together with its supervisor.' },
    RELEASE_PUBLISHED: { description: 'A release was published.' },
    RELEASE_RETIRED: { description: 'A release was retired.' },
    DEPLOYMENT_CREATED: { description: 'A deployment was created.' },
    DEPLOYMENT_UPDATED: { description: 'What a deployment asks for changed, or its status.' },
    DEPLOYMENT_DELETED: { description: 'A deployment was deleted.' },
  } as const satisfies Record<StoredEventKind, object>,
});

const EventKindFilter = builder.inputType('EventKindFilter', {
  description: `A condition on the kind of an event. ${operatorsHold}`,
  fields: (t) => ({
    eq: t.field({ type: EventKind, description: 'The kind equals this.' }),
    ne: t.field({ type: EventKind, description: 'The kind differs from this.' }),
    in: t.field({ type: [EventKind], description: 'The kind is one of these.' }),
    notIn: t.field({ type: [EventKind], description: 'The kind is none of these.' }),
  }),
});

/** A filter on events. The filter reaches into itself, so that it is named before its fields. */
export const EventFilter = builder.inputRef<EventFilterShape>('EventFilter');

EventFilter.implement({
  description: `A condition on events. ${partsHold}`,
  fields: (t) => ({
    and: t.field({ type: [EventFilter], description: 'All of these hold.' }),
    or: t.field({ type: [EventFilter], description: 'At least one of these holds; an empty list matches nothing.' }),
    not: t.field({ type: EventFilter, description: 'This does not hold.' }),
    kind: t.field({ type: EventKindFilter, description: 'A condition on the kind.' }),
    supervisorId: t.field({
      type: StringFilter,
      description:
        'A condition on the id of the supervisor that changed, or that the plugin or the step of a rollout is on.',
    }),
    pluginInstanceId: t.field({ type: StringFilter, description: 'A condition on the id of the plugin that changed.' }),
    apiKeyId: t.field({ type: StringFilter, description: 'A condition on the id of the API key.' }),
    rolloutId: t.field({
      type: StringFilter,
      description: 'A condition on the id of the rollout that changed, or that the step belongs to.',
    }),
    releaseId: t.field({ type: StringFilter, description: 'A condition on the id of the release.' }),
    deploymentId: t.field({ type: StringFilter, description: 'A condition on the id of the deployment that changed.' }),
    from: t.field({ type: StringFilter, description: 'A condition on the state before the change.' }),
    to: t.field({ type: StringFilter, description: 'A condition on the state after the change.' }),
    actor: t.field({ type: StringFilter, description: 'A condition on the actor.' }),
    reason: t.field({ type: StringFilter, description: 'A condition on the reason.' }),
    at: t.field({ type: DateTimeFilter, description: 'A condition on the time of the change.' }),
  }),
});
