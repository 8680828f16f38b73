import type { DeploymentMode, DrainState, EventKind, PluginState, RolloutStepState, SupervisorState } from '@muster/db';
import type { JsonObject } from '../base/validate.ts';

/** A shape of which a client may leave out any part, or give null for it. */
type Optional<Shape> = { readonly [Key in keyof Shape]?: Shape[Key] | null | undefined };

/** A filter on text. */
export type StringFilter = Optional<{
  eq: string;
  ne: string;
  in: readonly string[];
  notIn: readonly string[];
  contains: string;
  startsWith: string;
  endsWith: string;
  insensitive: boolean;
  isNull: boolean;
}>;
/** A filter on one of a few values. */
export type ChoiceFilter<Choice> = Optional<{
  eq: Choice;
  ne: Choice;
  in: readonly Choice[];
  notIn: readonly Choice[];
}>;
/** A filter on a flag. */
export type BooleanFilter = Optional<{ eq: boolean; ne: boolean }>;
/** A filter on a whole number of 32 bits. */
type IntFilter = Optional<{
  eq: number;
  ne: number;
  in: readonly number[];
  notIn: readonly number[];
  lt: number;
  lte: number;
  gt: number;
  gte: number;
}>;
/** A filter on a time. */
type DateTimeFilter = Optional<{ lt: Date; lte: Date; gt: Date; gte: Date; isNull: boolean }>;
/** A filter on one of a few values, or on there being none. */
type OptionalChoiceFilter<Choice> = ChoiceFilter<Choice> & Optional<{ isNull: boolean }>;
/** A filter on the types of a supervisor's conditions. */
type ConditionTypesFilter = Optional<{ has: string; hasSome: readonly string[] }>;
/** A filter on labels or tags. */
export type ObjectFilter = Optional<{ contains: JsonObject; hasKey: string }>;

/** A filter on supervisors; all parts that are given must hold. */
export type SupervisorFilter = Optional<{
  and: readonly SupervisorFilter[];
  or: readonly SupervisorFilter[];
  not: SupervisorFilter;
  id: StringFilter;
  domainId: StringFilter;
  name: StringFilter;
  hostname: StringFilter;
  state: ChoiceFilter<SupervisorState | 'NONE'>;
  isPublic: BooleanFilter;
  priority: IntFilter;
  labels: ObjectFilter;
  tags: ObjectFilter;
  connected: BooleanFilter;
  /** Refused in a watch, to which no event tells it. */
  lastSeenAt: DateTimeFilter;
  cordoned: BooleanFilter;
  drain: OptionalChoiceFilter<DrainState>;
  conditions: ConditionTypesFilter;
  registeredAt: DateTimeFilter;
  createdAt: DateTimeFilter;
  updatedAt: DateTimeFilter;
  plugins: Optional<{ some: PluginFilter; none: PluginFilter; every: PluginFilter }>;
}>;

/** A filter on plugins; all parts that are given must hold. */
export type PluginFilter = Optional<{
  and: readonly PluginFilter[];
  or: readonly PluginFilter[];
  not: PluginFilter;
  id: StringFilter;
  domainId: StringFilter;
  supervisorId: StringFilter;
  pluginId: StringFilter;
  version: StringFilter;
  state: ChoiceFilter<PluginState | 'NONE'>;
  managed: BooleanFilter;
  wanted: BooleanFilter;
  endpoint: StringFilter;
  generation: IntFilter;
  observedGeneration: IntFilter;
  attempt: IntFilter;
  reason: StringFilter;
  message: StringFilter;
  deploymentId: StringFilter;
  stateChangedAt: DateTimeFilter;
  createdAt: DateTimeFilter;
  updatedAt: DateTimeFilter;
  supervisor: SupervisorFilter;
}>;

/** A filter on events; all parts that are given must hold. */
export type EventFilter = Optional<{
  and: readonly EventFilter[];
  or: readonly EventFilter[];
  not: EventFilter;
  kind: ChoiceFilter<EventKind>;
  supervisorId: StringFilter;
  pluginInstanceId: StringFilter;
  apiKeyId: StringFilter;
  rolloutId: StringFilter;
  releaseId: StringFilter;
  deploymentId: StringFilter;
  from: StringFilter;
  to: StringFilter;
  actor: StringFilter;
  reason: StringFilter;
  at: DateTimeFilter;
}>;

/** A filter on releases; all parts that are given must hold. */
export type ReleaseFilter = Optional<{
  and: readonly ReleaseFilter[];
  or: readonly ReleaseFilter[];
  not: ReleaseFilter;
  id: StringFilter;
  domainId: StringFilter;
  isPublic: BooleanFilter;
  pluginId: StringFilter;
  version: StringFilter;
  createdAt: DateTimeFilter;
  retiredAt: DateTimeFilter;
}>;

/** A filter on deployments; all parts that are given must hold. */
export type DeploymentFilter = Optional<{
  and: readonly DeploymentFilter[];
  or: readonly DeploymentFilter[];
  not: DeploymentFilter;
  id: StringFilter;
  name: StringFilter;
  pluginId: StringFilter;
  version: StringFilter;
  mode: ChoiceFilter<DeploymentMode>;
  isPaused: BooleanFilter;
  conditions: ConditionTypesFilter;
  createdAt: DateTimeFilter;
  updatedAt: DateTimeFilter;
}>;

/** A filter on the steps of a rollout; all parts that are given must hold. */
export type RolloutStepFilter = Optional<{
  state: ChoiceFilter<RolloutStepState>;
  supervisorId: StringFilter;
}>;
