import { badUserInput } from '../base/errors.ts';
import { describe } from '../base/validate.ts';
import { dateFormats, toCharFormat } from './dateFormat.ts';
import {
  countOf,
  eitherOf,
  flagOf,
  type Input,
  isGiven,
  listOf,
  objectOf,
  type Path,
  sortOf,
  textOf,
} from './input.ts';
import { keyOf, partsOf, typeOf } from './keys.ts';
import { readIsoTime } from './times.ts';
import type { SearchEntity } from './wireFields.ts';

/** Keys that lead from a row to a value. */
export type RowPath = readonly string[];

export interface GroupCondition {
  readonly path: RowPath;
  readonly operator: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'isNull';
  readonly value: unknown;
}

export const groupOperators = [
  'count',
  'sum',
  'average',
  'max',
  'min',
  'first',
  'last',
  'push',
  'add_to_set',
  'merge_objects',
] as const;
export type GroupOperator = (typeof groupOperators)[number];

export const projectOperators = ['size', 'sum', 'array_to_object', 'object_to_array'] as const;
export type ProjectOperator = (typeof projectOperators)[number];

export interface Named {
  readonly name: string;
  readonly path: RowPath;
}

export interface GroupField {
  readonly name: string;
  readonly operator: GroupOperator;
  /** Empty where the operator needs no value, or `members` make it. */
  readonly path: RowPath;
  /** The object that is collected, by its members; null for the value at `path`. */
  readonly members: readonly Named[] | null;
  readonly conditions: readonly GroupCondition[];
}

export interface GroupStage {
  readonly kind: 'group';
  /** `format` is of PostgreSQL's `to_char`. */
  readonly keys: readonly (Named & { readonly format: string | null })[];
  readonly fields: readonly GroupField[];
}

export interface ProjectStage {
  readonly kind: 'project';
  readonly members: readonly (Named & { readonly operator: ProjectOperator | null })[];
}

/** One step from rows to rows. */
export type Stage =
  | GroupStage
  | ProjectStage
  | { readonly kind: 'unwind' | 'distinct'; readonly path: RowPath }
  | { readonly kind: 'count'; readonly name: string }
  | { readonly kind: 'sort'; readonly keys: readonly { readonly path: RowPath; readonly desc: boolean }[] }
  | { readonly kind: 'limit' | 'skip'; readonly count: number };

/** Stages that one query may have. */
const maxStages = 20;
/** Keys of one group or order, and conditions of one field. */
const maxKeys = 16;
/** Fields of one group or project: PostgreSQL's functions take 100 arguments. */
const maxFields = 32;
const maxNameLength = 255;

/** A walk through the stages. */
interface Walk {
  readonly entity: SearchEntity;
  /** The names that rows have here; null while they have the wire's fields. */
  names: readonly string[] | null;
  /** Those of them that the last group made its keys. */
  groupKeys: readonly string[];
  /** The wire's fields that the stages use. */
  readonly used: Set<string>;
}

export interface Pipeline {
  readonly stages: readonly Stage[];
  /** The wire's fields that the stages use; results are made of these alone, unless `isWhole`. */
  readonly used: ReadonlySet<string>;
  /** Results are whole rows of the entity. */
  readonly isWhole: boolean;
}

/**
 * Reads `aggregate` or `distinct`.
 *
 * @throws DomainError BAD_USER_INPUT with the place of what is wrong
 */
export function readPipeline(entity: SearchEntity, { aggregate, distinct }: Input, at: Path): Pipeline {
  const walk: Walk = { entity, names: null, groupKeys: [], used: new Set() };
  const inputs = listOf(aggregate, maxStages, [...at, 'aggregate']);
  const key = isGiven(distinct) && distinct !== '' ? distinct : null;
  if (inputs.length > 0 === (key !== null)) {
    throw badUserInput(at, `expected one of aggregate and distinct; got ${key === null ? 'neither' : 'both'}`);
  }
  if (key !== null) {
    const path = pathOf(walk, key, [...at, 'distinct']);
    return { stages: [{ kind: 'distinct', path }], used: walk.used, isWhole: false };
  }
  const stages = inputs.map((input, i) => readStage(walk, input, [...at, 'aggregate', i]));
  return { stages, used: walk.used, isWhole: walk.names === null };
}

const readers: Readonly<Record<string, (walk: Walk, value: unknown, at: Path) => Stage>> = {
  unwind: readUnwind,
  group: readGroup,
  count: readCount,
  sort: readSort,
  limit: (_, value, at) => ({ kind: 'limit', count: wholeNumber(value, 1, at) }),
  skip: (_, value, at) => ({ kind: 'skip', count: wholeNumber(value, 0, at) }),
  project: readProject,
};

function readStage(walk: Walk, value: unknown, at: Path): Stage {
  const given = Object.entries(objectOf(value, Object.keys(readers), at)).filter(([, inner]) => isGiven(inner));
  const [name, inner] = given[0] ?? [];
  const reader = name === undefined || given.length > 1 ? undefined : readers[name];
  if (!reader) {
    throw badUserInput(at, `expected one stage, of ${Object.keys(readers).join(', ')}; got ${given.length}`);
  }
  return reader(walk, inner, [...at, String(name)]);
}

function wholeNumber(value: unknown, least: number, at: Path): number {
  const count = countOf(value, at);
  if (count === null || count < least) {
    throw badUserInput(at, `expected a whole number from ${least} up; got ${describe(value)}`);
  }
  return count;
}

/** What a key leads to in the rows at this place. */
function pathOf(walk: Walk, text: unknown, at: Path): RowPath {
  if (walk.names === null) {
    const { name, path } = keyOf(walk.entity, text, at);
    walk.used.add(name);
    return [name, ...path];
  }
  const parts = partsOf(text, at);
  if (!walk.names.includes(parts[0] ?? '')) {
    throw badUserInput(at, `expected one of ${walk.names.join(', ')}; got ${describe(text)}`);
  }
  return parts;
}

/** Whether a key is of the wire's fields here, and one that holds times. */
function isTime(walk: Walk, text: unknown, at: Path): boolean {
  return walk.names === null && typeOf(keyOf(walk.entity, text, at)) === 'time';
}

function readUnwind(walk: Walk, value: unknown, at: Path): Stage {
  const { path } = objectOf(value, ['path'], at);
  const place = [...at, 'path'];
  if (walk.names === null && !['list', 'json'].includes(typeOf(keyOf(walk.entity, path, place)))) {
    throw badUserInput(place, `expected a field that can hold a list; got ${describe(path)}`);
  }
  return { kind: 'unwind', path: pathOf(walk, path, place) };
}

/** The name that a result is given, which is the key's own where it has none. */
function nameOf(input: Input, key: unknown, at: Path): string {
  const given = eitherOf(input, 'n', 'name', at);
  const name = isGiven(given) ? given : key;
  const place = [...at, 'n'];
  if (typeof name !== 'string') throw badUserInput(place, `expected a name; got ${describe(name)}`);
  return checkedName(name, place);
}

function checkedName(name: string, at: Path): string {
  textOf(name, at);
  if (name === '' || name.includes('.') || [...name].length > maxNameLength) {
    throw badUserInput(at, `expected a name of 1 to ${maxNameLength} characters without dots; got ${describe(name)}`);
  }
  return name;
}

function refuseRepeated(names: readonly string[], at: Path): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw badUserInput(at, `expected each name once; got ${describe(repeated)} again`);
}

function readGroup(walk: Walk, value: unknown, at: Path): GroupStage {
  const input = objectOf(value, ['keys', 'fields'], at);
  const keys = listOf(input.keys, maxKeys, [...at, 'keys']).map((key, i) =>
    readGroupKey(walk, key, [...at, 'keys', i]),
  );
  const fields = listOf(input.fields, maxFields, [...at, 'fields']).map((field, i) =>
    readGroupField(walk, field, [...at, 'fields', i]),
  );
  if (keys.length + fields.length === 0) throw badUserInput(at, 'expected keys or fields; got none');
  const names = [...keys, ...fields].map(({ name }) => name);
  refuseRepeated(names, at);
  walk.names = names;
  walk.groupKeys = keys.map(({ name }) => name);
  return { kind: 'group', keys, fields };
}

function readGroupKey(walk: Walk, value: unknown, at: Path): GroupStage['keys'][number] {
  const input = objectOf(value, ['k', 'key', 'n', 'name', 'date_format'], at);
  const key = eitherOf(input, 'k', 'key', at);
  const format = textOf(input.date_format, [...at, 'date_format']) || null;
  return {
    path: pathOf(walk, key, [...at, 'k']),
    name: nameOf(input, key, at),
    format: format === null ? null : formatOf(format, isTime(walk, key, at), [...at, 'date_format']),
  };
}

function formatOf(text: string, isOfTime: boolean, at: Path): string {
  if (!isOfTime) throw badUserInput(at, 'expected none, since the key is no field that holds a time');
  const format = toCharFormat(text);
  if (format === undefined) throw badUserInput(at, `expected ${dateFormats}; got ${describe(text)}`);
  return format;
}

const takeConditions: ReadonlySet<GroupOperator> = new Set(['count', 'sum', 'average']);
const takeMembers: ReadonlySet<GroupOperator> = new Set(['push', 'add_to_set']);

function readGroupField(walk: Walk, value: unknown, at: Path): GroupField {
  const input = objectOf(value, ['k', 'key', 'n', 'name', 'o', 'operator', 'fields', 'conditions'], at);
  const key = eitherOf(input, 'k', 'key', at);
  const operator = operatorOf(groupOperators, eitherOf(input, 'o', 'operator', at), [...at, 'o']);
  const members = listOf(input.fields, maxFields, [...at, 'fields']).map((member, i) =>
    readMember(walk, member, [...at, 'fields', i]),
  );
  refuseRepeated(
    members.map(({ name }) => name),
    [...at, 'fields'],
  );
  const conditions = listOf(input.conditions, maxKeys, [...at, 'conditions']).map((condition, i) =>
    readGroupCondition(walk, condition, [...at, 'conditions', i]),
  );
  if (conditions.length > 0 && !takeConditions.has(operator)) {
    throw badUserInput([...at, 'conditions'], `expected none, since ${operator} takes no conditions`);
  }
  if (members.length > 0 && !takeMembers.has(operator)) {
    throw badUserInput([...at, 'fields'], `expected none, since ${operator} takes no fields`);
  }
  const needsKey = operator !== 'count' && members.length === 0;
  return {
    name: nameOf(input, key, at),
    operator,
    path: needsKey ? pathOf(walk, key, [...at, 'k']) : [],
    members: members.length > 0 ? members : null,
    conditions,
  };
}

function operatorOf<Operator extends string>(operators: readonly Operator[], value: unknown, at: Path): Operator {
  const operator = operators.find((one) => one === value);
  if (operator === undefined) throw badUserInput(at, `expected one of ${operators.join(', ')}; got ${describe(value)}`);
  return operator;
}

function readMember(walk: Walk, value: unknown, at: Path): Named {
  const input = objectOf(value, ['k', 'key', 'n', 'name'], at);
  const key = eitherOf(input, 'k', 'key', at);
  return { path: pathOf(walk, key, [...at, 'k']), name: nameOf(input, key, at) };
}

const conditionOperators = { eq: 'eq', not: 'ne', gt: 'gt', gte: 'gte', lt: 'lt', lte: 'lte' } as const;
const conditionNames = Object.keys(conditionOperators) as (keyof typeof conditionOperators)[];

function readGroupCondition(walk: Walk, value: unknown, at: Path): GroupCondition {
  const input = objectOf(value, ['k', 'key', 'v', 'value', 'o', 'operator'], at);
  const key = eitherOf(input, 'k', 'key', at);
  const path = pathOf(walk, key, [...at, 'k']);
  const name = operatorOf(conditionNames, eitherOf(input, 'o', 'operator', at), [...at, 'o']);
  const operand = eitherOf(input, 'v', 'value', at);
  const isEquality = name === 'eq' || name === 'not';
  if (operand === null && isEquality) return { path, operator: 'isNull', value: name === 'eq' };
  const isScalar =
    typeof operand === 'string' ||
    (typeof operand === 'number' && Number.isFinite(operand)) ||
    (typeof operand === 'boolean' && isEquality);
  if (!isScalar)
    throw badUserInput(
      [...at, 'v'],
      `expected ${isEquality ? 'text, a number, true, false or null' : 'text or a number'}; got ${describe(operand)}`,
    );
  if (typeof operand === 'string') textOf(operand, [...at, 'v']);
  return { path, operator: conditionOperators[name], value: operandOf(operand, isTime(walk, key, at), [...at, 'v']) };
}

/** Times are compared as the wire writes them. */
function operandOf(value: unknown, isOfTime: boolean, at: Path): unknown {
  if (!isOfTime) return value;
  const time = typeof value === 'string' ? readIsoTime(value) : undefined;
  if (!time) throw badUserInput(at, `expected a time in ISO 8601; got ${describe(value)}`);
  return time.toISOString();
}

function readCount(walk: Walk, value: unknown, at: Path): Stage {
  const { name } = objectOf(value, ['name'], at);
  const place = [...at, 'name'];
  if (typeof name !== 'string') throw badUserInput(place, `expected a name; got ${describe(name)}`);
  walk.names = [checkedName(name, place)];
  walk.groupKeys = [];
  return { kind: 'count', name };
}

function readSort(walk: Walk, value: unknown, at: Path): Stage {
  const keys = sortOf(value, maxKeys, at).map(({ key, desc, at: place }) => ({ path: pathOf(walk, key, place), desc }));
  if (keys.length === 0) throw badUserInput(at, 'expected a key; got none');
  return { kind: 'sort', keys };
}

function readProject(walk: Walk, value: unknown, at: Path): ProjectStage {
  const input = objectOf(value, ['fields', 'exclude_keys'], at);
  const excludes = flagOf(input.exclude_keys, [...at, 'exclude_keys']);
  const fields = listOf(input.fields, maxFields, [...at, 'fields']).map((field, i) =>
    readProjectField(walk, field, [...at, 'fields', i]),
  );
  const named = new Set(fields.map(({ name }) => name));
  refuseRepeated(
    fields.map(({ name }) => name),
    [...at, 'fields'],
  );
  // A group's keys stay unless they are left out; without fields only the keys are left out.
  const others = fields.length === 0 ? (walk.names ?? []) : walk.groupKeys;
  const kept = others.filter((name) => !named.has(name) && !(excludes && walk.groupKeys.includes(name)));
  const members = [...kept.map((name) => ({ name, path: [name], operator: null })), ...fields];
  if (members.length === 0) throw badUserInput(at, 'expected fields; got none');
  walk.groupKeys = walk.groupKeys.filter((name) => kept.includes(name));
  walk.names = members.map(({ name }) => name);
  return { kind: 'project', members };
}

function readProjectField(walk: Walk, value: unknown, at: Path): ProjectStage['members'][number] {
  const input = objectOf(value, ['k', 'key', 'n', 'name', 'o', 'operator'], at);
  const key = eitherOf(input, 'k', 'key', at);
  const operator = eitherOf(input, 'o', 'operator', at);
  return {
    path: pathOf(walk, key, [...at, 'k']),
    name: nameOf(input, key, at),
    operator: isGiven(operator) && operator !== '' ? operatorOf(projectOperators, operator, [...at, 'o']) : null,
  };
}
