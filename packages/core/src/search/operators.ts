import { type Condition, everything, type Operator } from '../query/condition.ts';
import { parsePatterns } from '../query/pattern.ts';
import { type Key, typeOfKey } from './keys.ts';
import {
  type Operand,
  parseContainedObject,
  parsePlainText,
  parseScalar,
  parseSearchText,
  parseTime,
  parseTimeDifference,
  parseValues,
  unexpected,
  upperCaseOf,
  ValueProblem,
} from './operand.ts';
import { booleanOf } from './parseInput.ts';

/** Parses an operand into a condition. @throws ValueProblem for a value or a field that the operator doesn't take */
type OperatorParser = (operand: Operand) => Condition;

/** The wire's operators (query.md). */
export const wireOperators: Readonly<Record<string, OperatorParser>> = {
  eq: (operand) => equality(operand, 'eq'),
  not: (operand) => equality(operand, 'ne'),
  lt: (operand) => comparison(operand, 'lt'),
  lte: (operand) => comparison(operand, 'lte'),
  gt: (operand) => comparison(operand, 'gt'),
  gte: (operand) => comparison(operand, 'gte'),
  in: membership,
  not_in: nonMembership,
  exists: presence,
  contain: (operand) => containment(operand.key, operand.value),
  not_contain: (operand) => ({ not: containment(operand.key, operand.value) }),
  contain_in: containmentOfAny,
  not_contain_in: (operand) => ({ not: containmentOfAny(operand) }),
  match: (operand) => leaf(operand.key, 'includes', parseContainedObject(operand)),
  regex: (operand) => patternMatch(operand.key, [operand.value]),
  regex_in: (operand) => patternMatch(operand.key, parseValues(operand)),
  datetime_lt: (operand) => timeComparison(operand.key, 'lt', parseTime(operand.value)),
  datetime_lte: (operand) => timeComparison(operand.key, 'lte', parseTime(operand.value)),
  datetime_gt: (operand) => timeComparison(operand.key, 'gt', parseTime(operand.value)),
  datetime_gte: (operand) => timeComparison(operand.key, 'gte', parseTime(operand.value)),
  timediff_lt: (operand) => timeComparison(operand.key, 'lt', parseTimeDifference(operand)),
  timediff_lte: (operand) => timeComparison(operand.key, 'lte', parseTimeDifference(operand)),
  timediff_gt: (operand) => timeComparison(operand.key, 'gt', parseTimeDifference(operand)),
  timediff_gte: (operand) => timeComparison(operand.key, 'gte', parseTimeDifference(operand)),
};

function leaf(
  { wire, path }: Key,
  operator: Operator,
  value: unknown,
  options: { readonly insensitive?: true } = {},
): Condition {
  const where: Condition = {
    field: wire.field,
    operator,
    value,
    ...(path.length > 0 ? { path } : {}),
    ...options,
  };
  return wire.related ? { related: 'supervisor', where } : where;
}

function equality({ key, value }: Operand, operator: 'eq' | 'ne'): Condition {
  if (value === null) return leaf(key, 'isNull', operator === 'eq');
  // No row has the state NONE, by which the wire leaves a state out.
  if (isNoState(key, value)) return everything;
  return leaf(key, operator, parseScalar(key, value));
}

const isNoState = (key: Key, value: unknown) => key.field.type === 'state' && upperCaseOf(value) === 'NONE';

function comparison({ key, value }: Operand, operator: Operator): Condition {
  const type = typeOfKey(key);
  if (type === 'boolean') throw new ValueProblem(`expected a field that has an order; got ${key.text}, true or false`);
  if (typeof value === 'boolean' || value === null) throw unexpected('text or a number', value);
  return leaf(key, operator, type === 'state' ? parsePlainText(value).toUpperCase() : parseScalar(key, value));
}

function membership(operand: Operand): Condition {
  const { key } = operand;
  const values = parseValues(operand);
  const named = values.filter((value) => !isNoState(key, value));
  // NONE alone leaves the state out; beside others it adds nothing to what they match.
  if (named.length === 0 && values.length > 0) return everything;
  const isIn = leaf(key, 'in', parseScalars(key, named));
  return values.includes(null) ? { any: [leaf(key, 'isNull', true), isIn] } : isIn;
}

function nonMembership(operand: Operand): Condition {
  const { key } = operand;
  const values = parseValues(operand);
  const states = values.filter((value) => !isNoState(key, value));
  const isNotIn = leaf(key, 'notIn', parseScalars(key, states));
  return values.includes(null) ? { all: [leaf(key, 'isNull', false), isNotIn] } : isNotIn;
}

const parseScalars = (key: Key, values: readonly unknown[]) =>
  values.filter((value) => value !== null).map((value) => parseScalar(key, value));

function presence({ key, value }: Operand): Condition {
  const isThere = booleanOf(value);
  if (isThere === undefined) throw unexpected('true or false', value);
  return leaf(key, 'isNull', !isThere);
}

function containment(key: Key, value: unknown): Condition {
  return leaf(key, 'contains', parseSearchText(key, value), { insensitive: true });
}

function containmentOfAny(operand: Operand): Condition {
  return { any: parseValues(operand).map((value) => containment(operand.key, value)) };
}

function patternMatch(key: Key, values: readonly unknown[]): Condition {
  const pattern = parsePatterns(values.map((value) => parseSearchText(key, value)));
  if ('problem' in pattern) throw new ValueProblem(pattern.problem);
  return values.length === 0 ? { any: [] } : leaf(key, 'matches', pattern, { insensitive: true });
}

function timeComparison(key: Key, operator: Operator, value: Date): Condition {
  if (typeOfKey(key) !== 'time') throw new ValueProblem(`expected a field that holds a time; got ${key.text}`);
  return leaf(key, operator, value);
}
