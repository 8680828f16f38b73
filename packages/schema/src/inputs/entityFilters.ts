import type { PluginFilter as CorePluginFilter, SupervisorFilter as CoreSupervisorFilter } from '@muster/core';
import { builder } from '../builder.ts';
import {
  BooleanFilter,
  ConditionFilter,
  DateTimeFilter,
  IntFilter,
  JSONObjectFilter,
  operatorsHold,
  partsHold,
  StringFilter,
} from './filters.ts';
import { DrainStateFilter, PluginStateFilter, SupervisorStateFilter } from './states.ts';

/** A filter on supervisors. The filters reach into each other, so that both are named before their fields. */
export const SupervisorFilter = builder.inputRef<CoreSupervisorFilter>('SupervisorFilter');
/** A filter on plugins. */
export const PluginFilter = builder.inputRef<CorePluginFilter>('PluginFilter');

const PluginListFilter = builder.inputType('PluginListFilter', {
  description: `A condition on the plugins of a supervisor, among those that you may see. ${operatorsHold}`,
  fields: (t) => ({
    some: t.field({ type: PluginFilter, description: 'At least one plugin matches.' }),
    none: t.field({ type: PluginFilter, description: 'No plugin matches.' }),
    every: t.field({ type: PluginFilter, description: 'Every plugin matches; true where there is no plugin.' }),
  }),
});

SupervisorFilter.implement({
  description: `A condition on supervisors. ${partsHold}`,
  fields: (t) => ({
    and: t.field({ type: [SupervisorFilter], description: 'All of these hold.' }),
    or: t.field({
      type: [SupervisorFilter],
      description: 'At least one of these holds; an empty list matches nothing.',
    }),
    not: t.field({ type: SupervisorFilter, description: 'This does not hold.' }),
    id: t.field({ type: StringFilter, description: 'A condition on the id: `supervisor-` and 12 hex digits.' }),
    domainId: t.field({ type: StringFilter, description: 'A condition on the domain that the supervisor belongs to.' }),
    name: t.field({ type: StringFilter, description: 'A condition on the name.' }),
    hostname: t.field({ type: StringFilter, description: 'A condition on the hostname.' }),
    state: t.field({ type: SupervisorStateFilter, description: 'A condition on the state.' }),
    isPublic: t.field({
      type: BooleanFilter,
      description: 'A condition on whether plugins of other domains are taken.',
    }),
    priority: t.field({ type: IntFilter, description: 'A condition on the priority.' }),
    labels: t.field({ type: JSONObjectFilter, description: 'A condition on the labels.' }),
    tags: t.field({
      type: JSONObjectFilter,
      description: 'A condition on the tags. The tags of a supervisor of another domain count as empty.',
    }),
    connected: t.field({ type: BooleanFilter, description: 'A condition on whether the agent is heard of.' }),
    lastSeenAt: t.field({
      type: DateTimeFilter,
      description:
        'A condition on the time of the last sign of life. Refused in subscriptions, since a heartbeat is no event: filter by `connected` there.',
    }),
    cordoned: t.field({ type: BooleanFilter, description: 'A condition on whether new plugins are kept away.' }),
    drain: t.field({ type: DrainStateFilter, description: 'A condition on the progress of the last drain.' }),
    conditions: t.field({
      type: ConditionFilter,
      description: 'A condition on the conditions. A supervisor of another domain counts as having none.',
    }),
    registeredAt: t.field({ type: DateTimeFilter, description: 'A condition on the time of the registration.' }),
    createdAt: t.field({ type: DateTimeFilter, description: 'A condition on the time of the first publish.' }),
    updatedAt: t.field({
      type: DateTimeFilter,
      description: 'A condition on the time of the last change; a heartbeat is no change.',
    }),
    plugins: t.field({ type: PluginListFilter, description: 'A condition on the plugins of the supervisor.' }),
  }),
});

PluginFilter.implement({
  description: `A condition on plugins. ${partsHold}`,
  fields: (t) => ({
    and: t.field({ type: [PluginFilter], description: 'All of these hold.' }),
    or: t.field({ type: [PluginFilter], description: 'At least one of these holds; an empty list matches nothing.' }),
    not: t.field({ type: PluginFilter, description: 'This does not hold.' }),
    id: t.field({ type: StringFilter, description: 'A condition on the id: `instance-` and 16 hex digits.' }),
    domainId: t.field({ type: StringFilter, description: 'A condition on the domain that the plugin belongs to.' }),
    supervisorId: t.field({ type: StringFilter, description: 'A condition on the id of the supervisor.' }),
    pluginId: t.field({ type: StringFilter, description: 'A condition on the plugin id, which names the software.' }),
    version: t.field({ type: StringFilter, description: 'A condition on the version.' }),
    state: t.field({ type: PluginStateFilter, description: 'A condition on the state.' }),
    managed: t.field({
      type: BooleanFilter,
      description: 'A condition on whether the control plane manages the plugin.',
    }),
    wanted: t.field({
      type: BooleanFilter,
      description: 'A condition on whether the plugin is to be there: false after an uninstall.',
    }),
    endpoint: t.field({ type: StringFilter, description: 'A condition on the endpoint.' }),
    generation: t.field({ type: IntFilter, description: 'A condition on the generation.' }),
    observedGeneration: t.field({ type: IntFilter, description: 'A condition on the observed generation.' }),
    attempt: t.field({
      type: IntFilter,
      description: 'A condition on the number of the attempt to reach the wanted state.',
    }),
    reason: t.field({ type: StringFilter, description: 'A condition on the reason.' }),
    message: t.field({ type: StringFilter, description: 'A condition on the message of the agent.' }),
    deploymentId: t.field({
      type: StringFilter,
      description: 'A condition on the id of the deployment that keeps the plugin there.',
    }),
    stateChangedAt: t.field({
      type: DateTimeFilter,
      description: 'A condition on the time of the last change of state.',
    }),
    createdAt: t.field({ type: DateTimeFilter, description: 'A condition on the time of the creation.' }),
    updatedAt: t.field({ type: DateTimeFilter, description: 'A condition on the time of the last change.' }),
    supervisor: t.field({ type: SupervisorFilter, description: 'A condition on the supervisor of the plugin.' }),
  }),
});
