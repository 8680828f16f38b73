import { badUserInput } from '../base/errors.ts';
import type { Limits } from '../base/settings.ts';
import { describe } from '../base/validate.ts';
import { allOf, type Condition, everything } from '../query/condition.ts';
import { parseKeyword } from '../query/parseKeyword.ts';
import { eitherOf, type Input, listOf, objectOf, type Path, textOf } from './input.ts';
import { type Key, keyOf } from './keys.ts';
import { ValueProblem, wireOperators } from './operators.ts';
import type { SearchEntity } from './wireFields.ts';

/** What a search means depends on. */
export interface SearchContext {
  readonly entity: SearchEntity;
  readonly limits: Limits;
  /** The database's time, from which relative times count; one for the whole request. */
  readonly now: Date;
}

/** The internal form of `filter`, `filter_or` and `keyword`: all of the first, any of the second, and the third. */
export function conditionOfQuery(context: SearchContext, query: Input, at: Path): Condition {
  const conditions = (name: string) =>
    listOf(query[name], context.limits.filterNodes, [...at, name]).map((input, i) =>
      conditionOfInput(context, input, [...at, name, i]),
    );
  const any = conditions('filter_or');
  const keyword = textOf(query.keyword, [...at, 'keyword']);
  return allOf(...conditions('filter'), any.length > 0 ? { any } : everything, parseKeyword(context.entity, keyword));
}

const conditionKeys = ['k', 'key', 'v', 'value', 'o', 'operator'];

function conditionOfInput(context: SearchContext, value: unknown, at: Path): Condition {
  const input = objectOf(value, conditionKeys, at);
  const name = eitherOf(input, 'k', 'key', at);
  const operator = eitherOf(input, 'o', 'operator', at);
  const operand = eitherOf(input, 'v', 'value', at);
  const key = keyOf(context.entity, name, [...at, input.key === undefined ? 'k' : 'key']);
  const problem = (text: string) =>
    badUserInput(at, `the condition on ${describe(key.text)} with ${describe(operator)}: ${text}`);
  if (typeof operator !== 'string' || !Object.hasOwn(wireOperators, operator)) {
    throw problem(`expected an operator, one of ${Object.keys(wireOperators).join(', ')}; got ${describe(operator)}`);
  }
  if (operand === undefined) throw problem('expected a value; got nothing');
  return meaningOf(context, operator, key, operand, problem);
}

function meaningOf(
  { now, limits }: SearchContext,
  operator: string,
  key: Key,
  value: unknown,
  problem: (text: string) => Error,
): Condition {
  try {
    return wireOperators[operator]?.({ key, value, now, maxValues: limits.filterValues }) ?? everything;
  } catch (error) {
    if (error instanceof ValueProblem) throw problem(error.message);
    throw error;
  }
}

/**
 * The meaning of a field that stands beside a request's query: one value that the field equals, or a list that it is
 * in. Nothing and empty text, which is how the wire leaves a text out, say nothing.
 */
export function requestCondition(context: SearchContext, name: string, value: unknown): Condition {
  if (value === undefined || value === null || value === '') return everything;
  const key = keyOf(context.entity, name, [name]);
  return meaningOf(context, Array.isArray(value) ? 'in' : 'eq', key, value, (text) => badUserInput([name], text));
}

/** Whether a query has a condition relative to the database's time. */
export function asksForTime(query: unknown): boolean {
  if (typeof query !== 'object' || query === null) return false;
  return ['filter', 'filter_or'].some((name) => {
    const conditions: unknown = Reflect.get(query, name);
    return Array.isArray(conditions) && conditions.some(isRelative);
  });
}

function isRelative(condition: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return false;
  return ['o', 'operator'].some((name) => String(Reflect.get(condition, name)).startsWith('timediff_'));
}
