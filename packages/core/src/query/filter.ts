import type { EventKind, PluginState, SupervisorState } from '@muster/db';
import { badUserInput } from '../base/errors.ts';
import type { Limits } from '../base/settings.ts';
import { describe, isStorable, type JsonObject, jsonProblem, storableText } from '../base/validate.ts';
import { allOf, type Condition, type Operator } from './condition.ts';
import { type Entity, type Field, fieldNamed } from './fields.ts';

type Optional<Shape> = { readonly [Key in keyof Shape]?: Shape[Key] | null | undefined };

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
export type ChoiceFilter<Choice> = Optional<{
  eq: Choice;
  ne: Choice;
  in: readonly Choice[];
  notIn: readonly Choice[];
}>;
export type BooleanFilter = Optional<{ eq: boolean; ne: boolean }>;
export type IntFilter = Optional<{
  eq: number;
  ne: number;
  in: readonly number[];
  notIn: readonly number[];
  lt: number;
  lte: number;
  gt: number;
  gte: number;
}>;
export type DateTimeFilter = Optional<{ lt: Date; lte: Date; gt: Date; gte: Date; isNull: boolean }>;
export type ObjectFilter = Optional<{ contains: JsonObject; hasKey: string }>;

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
  registeredAt: DateTimeFilter;
  createdAt: DateTimeFilter;
  updatedAt: DateTimeFilter;
  plugins: Optional<{ some: PluginFilter; none: PluginFilter; every: PluginFilter }>;
}>;

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
  endpoint: StringFilter;
  generation: IntFilter;
  observedGeneration: IntFilter;
  reason: StringFilter;
  message: StringFilter;
  stateChangedAt: DateTimeFilter;
  createdAt: DateTimeFilter;
  updatedAt: DateTimeFilter;
  supervisor: SupervisorFilter;
}>;

export type EventFilter = Optional<{
  and: readonly EventFilter[];
  or: readonly EventFilter[];
  not: EventFilter;
  kind: ChoiceFilter<EventKind>;
  supervisorId: StringFilter;
  pluginInstanceId: StringFilter;
  from: StringFilter;
  to: StringFilter;
  actor: StringFilter;
  reason: StringFilter;
  at: DateTimeFilter;
}>;

/** A typed filter's own word for an operator, where the internal form has another. */
const objectOperators: Readonly<Record<string, Operator>> = { contains: 'includes', hasKey: 'hasKey' };

/**
 * The internal form of a typed filter. All that stands side by side must hold. A filter that says nothing (null, {},
 * or the state NONE, which is the wire's "no filter") lets everything through.
 *
 * @throws DomainError BAD_USER_INPUT for a filter larger than the limits.
 */
export function conditionOf(
  entity: Entity,
  filter: SupervisorFilter | PluginFilter | EventFilter | null | undefined,
  limits: Limits,
  path: Path = ['filter'],
): Condition {
  return ofFilter({ limits, conditions: 0 }, entity, filter, path);
}

type Path = readonly (string | number)[];

/** One walk through a filter. */
interface Walk {
  readonly limits: Limits;
  conditions: number;
}

function count(walk: Walk, at: Path): void {
  walk.conditions += 1;
  const { filterNodes } = walk.limits;
  if (walk.conditions > filterNodes) throw badUserInput(at, `expected a filter of at most ${filterNodes} conditions`);
}

function ofFilter(walk: Walk, entity: Entity, value: unknown, at: Path): Condition {
  count(walk, at);
  const parts = Object.entries((value ?? {}) as object);
  return allOf(
    ...parts.map(([key, inner]) => (inner == null ? undefined : ofPart(walk, entity, key, inner, [...at, key]))),
  );
}

function ofPart(walk: Walk, entity: Entity, key: string, value: unknown, at: Path): Condition {
  const each = () => (value as unknown[]).map((part, i) => ofFilter(walk, entity, part, [...at, i]));
  if (key === 'and') return { all: each() };
  if (key === 'or') return { any: each() };
  if (key === 'not') return { not: ofFilter(walk, entity, value, at) };
  if (key === 'supervisor' && entity === 'plugin') {
    return { related: 'supervisor', where: ofFilter(walk, 'supervisor', value, at) };
  }
  if (key === 'plugins' && entity === 'supervisor') return ofPlugins(walk, value as PluginQuantifiers, at);
  const field = fieldNamed(entity, key);
  if (!field) throw badUserInput(at, `expected a field of ${entity}; got ${describe(key)}`);
  return ofField(walk, key, field, value as Record<string, unknown>, at);
}

const quantifiers = ['some', 'none', 'every'] as const;
type PluginQuantifiers = Optional<Record<(typeof quantifiers)[number], PluginFilter>>;

function ofPlugins(walk: Walk, given: PluginQuantifiers, at: Path): Condition {
  return allOf(
    ...quantifiers.map((quantifier): Condition | undefined =>
      given[quantifier] == null
        ? undefined
        : { related: 'plugins', quantifier, where: ofFilter(walk, 'plugin', given[quantifier], [...at, quantifier]) },
    ),
  );
}

function ofField(walk: Walk, name: string, field: Field, given: Record<string, unknown>, at: Path): Condition {
  const { insensitive, ...operators } = given;
  const leaves = Object.entries(operators).map(([key, value]): Condition | undefined => {
    if (value === undefined) return undefined;
    checkValue(walk, field, value, [...at, key]);
    const operator = (field.type === 'object' && objectOperators[key]) || (key as Operator);
    if (field.type === 'state') return ofState(name, operator, value);
    if (value === null) return ofNull(name, operator);
    return { field: name, operator, value, ...(insensitive === true ? { insensitive } : {}) };
  });
  return allOf(...leaves);
}

function checkValue(walk: Walk, field: Field, value: unknown, at: Path): void {
  count(walk, at);
  const { filterValues } = walk.limits;
  if (Array.isArray(value) && value.length > filterValues) {
    throw badUserInput(at, `expected at most ${filterValues} values; got ${value.length}`);
  }
  const problem = jsonProblem(value instanceof Date ? null : value);
  if (problem) throw badUserInput(at, problem);
  const values = Array.isArray(value) ? value : [value];
  if (field.type === 'int' && values.some((one) => one !== null && !isInt32(one))) {
    throw badUserInput(at, `expected an integer of 32 bits; got ${describe(value)}`);
  }
  if (field.type === 'time' && values.some((one) => one instanceof Date && !isStorableTime(one))) {
    throw badUserInput(at, 'expected a time; got an invalid one');
  }
}

const isInt32 = (value: unknown) => typeof value === 'number' && (value | 0) === value;

/** From year 1 to 9999: what PostgreSQL and RFC 3339 both can write. */
function isStorableTime(time: Date): boolean {
  const year = time.getUTCFullYear();
  return year >= 1 && year <= 9999;
}

/** `eq: null` asks for a field without a value, `ne: null` for one with; null as any other operand says nothing. */
function ofNull(field: string, operator: Operator): Condition | undefined {
  if (operator !== 'eq' && operator !== 'ne') return undefined;
  return { field, operator: 'isNull', value: operator === 'eq' };
}

/** NONE is no state that is stored: a filter that names it doesn't filter by it. */
function ofState(field: string, operator: Operator, value: unknown): Condition | undefined {
  if (!Array.isArray(value)) return value === null || value === 'NONE' ? undefined : { field, operator, value };
  if (operator === 'in' && value.includes('NONE')) return undefined;
  return { field, operator, value: value.filter((state) => state !== 'NONE') };
}

const keywordFields = {
  supervisor: ['id', 'name', 'hostname'],
  plugin: ['supervisorId', 'pluginId'],
} as const;

/**
 * The internal form of a keyword: any of its words in any of the entity's key fields, as a substring, without regard
 * to case (query.md). Blank means no condition.
 */
export function keywordCondition(entity: 'supervisor' | 'plugin', keyword: string | null | undefined): Condition {
  if (!isStorable(keyword ?? '')) throw badUserInput(['keyword'], storableText);
  const words = (keyword ?? '').trim().split(/\s+/).filter(Boolean).slice(0, 20);
  if (words.length === 0) return { all: [] };
  const containing = (field: string, value: string): Condition => ({
    field,
    operator: 'contains',
    value,
    insensitive: true,
  });
  return {
    any: words.flatMap((word) => [
      ...keywordFields[entity].map((field) => containing(field, word)),
      ...(entity === 'plugin' ? [{ related: 'supervisor', where: containing('hostname', word) } as const] : []),
    ]),
  };
}
