import { PluginState, SupervisorState } from '@muster/db';
import { describe, isStorable, jsonProblem, storableText } from '../base/validate.ts';
import { type Condition, everything, type Operator } from '../query/condition.ts';
import { parsePatterns } from '../query/pattern.ts';
import { type Key, typeOf } from './keys.ts';
import { isoTime, readIsoTime, readRelativeTime, relativeTime } from './times.ts';

/** What was expected where something else came. */
export class ValueProblem extends Error {}

/** One condition's value, with what its meaning depends on. */
interface Operand {
  readonly key: Key;
  readonly value: unknown;
  readonly now: Date;
  /** Values that a list may have. */
  readonly maxValues: number;
}

type Meaning = (operand: Operand) => Condition;

function expected(what: string, came: unknown): ValueProblem {
  return new ValueProblem(`expected ${what}; got ${describe(came)}`);
}

/** The wire's operators (query.md). */
export const wireOperators: Readonly<Record<string, Meaning>> = {
  eq: (operand) => equal(operand, 'eq'),
  not: (operand) => equal(operand, 'ne'),
  lt: (operand) => compared(operand, 'lt'),
  lte: (operand) => compared(operand, 'lte'),
  gt: (operand) => compared(operand, 'gt'),
  gte: (operand) => compared(operand, 'gte'),
  in: (operand) => member(operand),
  not_in: (operand) => notMember(operand),
  exists: ({ key, value }) => {
    if (typeof value !== 'boolean') throw expected('true or false', value);
    return leaf(key, 'isNull', !value);
  },
  contain: (operand) => containing(operand.key, text(operand, operand.value)),
  not_contain: (operand) => ({ not: containing(operand.key, text(operand, operand.value)) }),
  contain_in: (operand) => containingAny(operand),
  not_contain_in: (operand) => ({ not: containingAny(operand) }),
  match: (operand) => matching(operand),
  regex: (operand) => matchingPattern(operand, [text(operand, operand.value)]),
  regex_in: (operand) =>
    matchingPattern(
      operand,
      list(operand).map((value) => text(operand, value)),
    ),
  datetime_lt: (operand) => atTime(operand, 'lt', iso(operand)),
  datetime_lte: (operand) => atTime(operand, 'lte', iso(operand)),
  datetime_gt: (operand) => atTime(operand, 'gt', iso(operand)),
  datetime_gte: (operand) => atTime(operand, 'gte', iso(operand)),
  timediff_lt: (operand) => atTime(operand, 'lt', relative(operand)),
  timediff_lte: (operand) => atTime(operand, 'lte', relative(operand)),
  timediff_gt: (operand) => atTime(operand, 'gt', relative(operand)),
  timediff_gte: (operand) => atTime(operand, 'gte', relative(operand)),
};

function leaf({ wire, path }: Key, operator: Operator, value: unknown, insensitive = false): Condition {
  const where: Condition = {
    field: wire.field,
    operator,
    value,
    ...(path.length > 0 ? { path } : {}),
    ...(insensitive ? { insensitive } : {}),
  };
  return wire.related ? { related: 'supervisor', where } : where;
}

function equal({ key, value }: Operand, operator: 'eq' | 'ne'): Condition {
  if (value === null) return leaf(key, 'isNull', operator === 'eq');
  // NONE is no state that is stored: a filter that names it doesn't filter by it.
  if (isNoState(key, value)) return everything;
  return leaf(key, operator, scalar(key, value));
}

const isNoState = (key: Key, value: unknown) => key.field.type === 'state' && value === 'NONE';

function compared({ key, value }: Operand, operator: Operator): Condition {
  const type = typeOf(key);
  if (type === 'boolean') throw new ValueProblem(`expected a field that has an order; got ${key.text}, true or false`);
  if (typeof value === 'boolean' || value === null) throw expected('text or a number', value);
  return leaf(key, operator, type === 'state' ? plainText(value) : scalar(key, value));
}

function list({ value, maxValues }: Operand): readonly unknown[] {
  if (!Array.isArray(value)) throw expected('a list', value);
  if (value.length > maxValues) throw new ValueProblem(`expected at most ${maxValues} values; got ${value.length}`);
  return value;
}

function member(operand: Operand): Condition {
  const { key } = operand;
  const values = list(operand);
  if (values.some((value) => isNoState(key, value))) return everything;
  const isIn = leaf(key, 'in', scalars(key, values));
  return values.includes(null) ? { any: [leaf(key, 'isNull', true), isIn] } : isIn;
}

function notMember(operand: Operand): Condition {
  const { key } = operand;
  const values = list(operand);
  const isNotIn = leaf(
    key,
    'notIn',
    scalars(
      key,
      values.filter((value) => !isNoState(key, value)),
    ),
  );
  return values.includes(null) ? { all: [leaf(key, 'isNull', false), isNotIn] } : isNotIn;
}

const scalars = (key: Key, values: readonly unknown[]) =>
  values.filter((value) => value !== null).map((value) => scalar(key, value));

/** A value that the key's field could have. */
function scalar(key: Key, value: unknown): unknown {
  switch (typeOf(key)) {
    case 'state':
      return choice(key.field.pgType === 'plugin_state' ? PluginState : SupervisorState, value);
    case 'boolean':
      if (typeof value !== 'boolean') throw expected('true or false', value);
      return value;
    case 'int':
      if (typeof value !== 'number' || (value | 0) !== value) throw expected('an integer of 32 bits', value);
      return value;
    case 'time':
      return timeOf(value);
    case 'json':
      if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
      if (typeof value !== 'string') throw expected('text, a number, true or false', value);
      return plainText(value);
    case 'object':
      throw new ValueProblem(`expected a key within ${key.text}, such as ${key.text}.name, or the operator match`);
    default:
      return plainText(value);
  }
}

function choice(choices: object, value: unknown): string {
  if (typeof value === 'string' && Object.hasOwn(choices, value)) return value;
  throw expected(`one of ${Object.keys(choices).join(', ')}`, value);
}

function plainText(value: unknown): string {
  if (typeof value !== 'string') throw expected('text', value);
  if (!isStorable(value)) throw new ValueProblem(storableText);
  return value;
}

const ofText: ReadonlySet<string> = new Set(['text', 'state', 'json', 'list']);

/** Text to look for within a field's text. */
function text({ key }: Operand, value: unknown): string {
  if (!ofText.has(typeOf(key))) throw new ValueProblem(`expected a field that holds text; got ${key.text}`);
  return plainText(value);
}

const containing = (key: Key, value: string) => leaf(key, 'contains', value, true);

function containingAny(operand: Operand): Condition {
  return { any: list(operand).map((value) => containing(operand.key, text(operand, value))) };
}

function matching({ key, value }: Operand): Condition {
  if (!['object', 'json'].includes(typeOf(key))) {
    throw new ValueProblem(`expected a field that holds JSON; got ${key.text}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected('an object', value);
  const problem = jsonProblem(value);
  if (problem) throw new ValueProblem(problem);
  return leaf(key, 'includes', value);
}

function matchingPattern({ key }: Operand, sources: readonly string[]): Condition {
  const pattern = parsePatterns(sources);
  if ('problem' in pattern) throw new ValueProblem(pattern.problem);
  return sources.length === 0 ? { any: [] } : leaf(key, 'matches', pattern, true);
}

function atTime({ key }: Operand, operator: Operator, value: Date): Condition {
  if (typeOf(key) !== 'time') throw new ValueProblem(`expected a field that holds a time; got ${key.text}`);
  return leaf(key, operator, value);
}

const iso = ({ value }: Operand) => timeOf(value);

function timeOf(value: unknown): Date {
  const time = typeof value === 'string' ? readIsoTime(value) : undefined;
  if (!time) throw expected(isoTime, value);
  return time;
}

function relative({ value, now }: Operand): Date {
  const time = typeof value === 'string' ? readRelativeTime(value, now) : undefined;
  if (!time) throw expected(relativeTime, value);
  return time;
}
