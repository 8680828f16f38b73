import type { PluginFilter as CorePluginFilter, SupervisorFilter as CoreSupervisorFilter } from '@muster/core';
import { builder } from '../builder.ts';
import { BooleanFilter, DateTimeFilter, IntFilter, JSONObjectFilter, StringFilter } from './filters.ts';
import { PluginStateFilter, SupervisorStateFilter } from './states.ts';

/** The two filters reach into each other, so their shapes are named before their fields. */
export const SupervisorFilter = builder.inputRef<CoreSupervisorFilter>('SupervisorFilter');
export const PluginFilter = builder.inputRef<CorePluginFilter>('PluginFilter');

export const PluginListFilter = builder.inputType('PluginListFilter', {
  description: "What must hold of a supervisor's plugins (of those that you may see).",
  fields: (t) => ({
    some: t.field({ type: PluginFilter, description: 'At least one plugin is like this.' }),
    none: t.field({ type: PluginFilter, description: 'No plugin is like this.' }),
    every: t.field({ type: PluginFilter, description: 'Every plugin is like this; true where there is none.' }),
  }),
});

SupervisorFilter.implement({
  description: 'Which supervisors are meant. All that is given must hold; nothing given means all.',
  fields: (t) => ({
    and: t.field({ type: [SupervisorFilter], description: 'All of these hold.' }),
    or: t.field({ type: [SupervisorFilter], description: 'At least one of these holds.' }),
    not: t.field({ type: SupervisorFilter, description: 'This does not hold.' }),
    id: t.field({ type: StringFilter, description: 'By id (`supervisor-` and 12 hex digits).' }),
    domainId: t.field({ type: StringFilter, description: 'By the domain that it belongs to.' }),
    name: t.field({ type: StringFilter, description: 'By name.' }),
    hostname: t.field({ type: StringFilter, description: 'By hostname.' }),
    state: t.field({ type: SupervisorStateFilter, description: 'By state.' }),
    isPublic: t.field({ type: BooleanFilter, description: 'By whether it serves other domains too.' }),
    priority: t.field({ type: IntFilter, description: 'By priority.' }),
    labels: t.field({ type: JSONObjectFilter, description: 'By labels.' }),
    tags: t.field({ type: JSONObjectFilter, description: 'By tags.' }),
    registeredAt: t.field({ type: DateTimeFilter, description: 'By when an operator registered it.' }),
    createdAt: t.field({ type: DateTimeFilter, description: 'By when it first published itself.' }),
    updatedAt: t.field({ type: DateTimeFilter, description: 'By when it last changed; a heartbeat is no change.' }),
    plugins: t.field({ type: PluginListFilter, description: 'By what it runs.' }),
  }),
});

PluginFilter.implement({
  description: 'Which plugins are meant. All that is given must hold; nothing given means all.',
  fields: (t) => ({
    and: t.field({ type: [PluginFilter], description: 'All of these hold.' }),
    or: t.field({ type: [PluginFilter], description: 'At least one of these holds.' }),
    not: t.field({ type: PluginFilter, description: 'This does not hold.' }),
    id: t.field({ type: StringFilter, description: 'By id (`instance-` and 16 hex digits).' }),
    domainId: t.field({ type: StringFilter, description: 'By the domain that it belongs to.' }),
    supervisorId: t.field({ type: StringFilter, description: "By its supervisor's id." }),
    pluginId: t.field({ type: StringFilter, description: 'By the software that it is.' }),
    version: t.field({ type: StringFilter, description: 'By version.' }),
    state: t.field({ type: PluginStateFilter, description: 'By state.' }),
    managed: t.field({ type: BooleanFilter, description: 'By whether the control plane wants it there.' }),
    endpoint: t.field({ type: StringFilter, description: 'By endpoint.' }),
    generation: t.field({ type: IntFilter, description: 'By generation.' }),
    observedGeneration: t.field({ type: IntFilter, description: 'By observed generation.' }),
    reason: t.field({ type: StringFilter, description: 'By reason.' }),
    message: t.field({ type: StringFilter, description: "By its agent's message." }),
    stateChangedAt: t.field({ type: DateTimeFilter, description: 'By when its state last changed.' }),
    createdAt: t.field({ type: DateTimeFilter, description: 'By when it came to be.' }),
    updatedAt: t.field({ type: DateTimeFilter, description: 'By when it last changed.' }),
    supervisor: t.field({ type: SupervisorFilter, description: 'By where it runs.' }),
  }),
});
