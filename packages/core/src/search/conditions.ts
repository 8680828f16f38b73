import { badUserInput } from '../base/errors.ts';
import type { Limits } from '../base/settings.ts';
import { describe } from '../base/validate.ts';
import { allOf, type Condition, everything } from '../query/condition.ts';
import { parseKeyword } from '../query/parseKeyword.ts';
import { conditionLists } from './conditionLists.ts';
import { type Key, parseKey } from './keys.ts';
import { ValueProblem } from './operand.ts';
import { wireOperators } from './operators.ts';
import { type Input, type InputPath, parseList, parseObject, parseText, readAlias } from './parseInput.ts';
import type { SearchEntity } from './wireFields.ts';

/** The surroundings on which the meaning of a search depends. */
export interface SearchContext {
  readonly entity: SearchEntity;
  readonly limits: Limits;
  /** The database's time, to which relative times refer; the same for the whole request. */
  readonly now: Date;
}

/** Parses `filter`, `filter_or` and `keyword` into one condition: all of the first, any of the second, and the third. */
export function parseQueryConditions(context: SearchContext, query: Input, at: InputPath): Condition {
  const parseKeyOf: KeyParser = (text, keyAt) => parseKey(context.entity, text, keyAt);
  const conditions = (name: string) =>
    parseList(query[name], context.limits.filterNodes, [...at, name]).map((input, i) =>
      parseCondition(context, input, [...at, name, i], parseKeyOf),
    );
  const any = conditions('filter_or');
  const keyword = parseText(query.keyword, [...at, 'keyword']);
  return allOf(...conditions('filter'), any.length > 0 ? { any } : everything, parseKeyword(context.entity, keyword));
}

const conditionKeys = ['k', 'key', 'v', 'value', 'o', 'operator'];

/** Parses the key of a condition. @throws InputError for one that there isn't */
type KeyParser = (text: unknown, at: InputPath) => Key;

/** Parses one condition. @throws InputError that names it */
export function parseCondition(
  context: SearchContext,
  value: unknown,
  at: InputPath,
  parseKeyOf: KeyParser,
): Condition {
  const input = parseObject(value, conditionKeys, at);
  const name = readAlias(input, 'k', 'key', at);
  const operator = readAlias(input, 'o', 'operator', at);
  const operand = readAlias(input, 'v', 'value', at);
  const key = parseKeyOf(name, [...at, input.key === undefined ? 'k' : 'key']);
  const problem = (text: string) =>
    badUserInput(at, `the condition on ${describe(key.text)} with ${describe(operator)}: ${text}`);
  if (typeof operator !== 'string' || !Object.hasOwn(wireOperators, operator)) {
    throw problem(`expected an operator, one of ${Object.keys(wireOperators).join(', ')}; got ${describe(operator)}`);
  }
  if (operand === undefined) throw problem('expected a value; got nothing');
  return applyOperator(context, operator, key, operand, problem);
}

function applyOperator(
  { now, limits }: SearchContext,
  operator: string,
  key: Key,
  value: unknown,
  problem: (text: string) => Error,
): Condition {
  try {
    return wireOperators[operator]?.({ key, value, now, maxValues: limits.filterOperands }) ?? everything;
  } catch (error) {
    if (error instanceof ValueProblem) throw problem(error.message);
    throw error;
  }
}

/**
 * Parses a request's field beside its query into a condition: the field equals a value, or is in a list. An absent value
 * accepts everything, and so does an empty text, by which the wire leaves a text out.
 */
export function parseRequestField(context: SearchContext, name: string, value: unknown): Condition {
  if (value === undefined || value === null || value === '') return everything;
  const key = parseKey(context.entity, name, [name]);
  return applyOperator(context, Array.isArray(value) ? 'in' : 'eq', key, value, (text) => badUserInput([name], text));
}

/** Whether a query that is still unchecked has a condition relative to the database's time. */
export function hasRelativeTime(query: Input): boolean {
  return conditionLists(query).some(({ list }) => Array.isArray(list) && list.some(isRelative));
}

function isRelative(condition: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return false;
  return ['o', 'operator'].some((name) => String(Reflect.get(condition, name)).startsWith('timediff_'));
}
