import { isObject } from '../base/validate.ts';
import type { Leaf } from './condition.ts';
import type { Parameters } from './context.ts';
import { foldCaseSql, foldParameterSql } from './foldCase.ts';
import type { Pattern } from './pattern.ts';
import { patternSql } from './patternSql.ts';

/** The SQL of "text matches the leaf's pattern"; null where the text is null. */
export function matchesSql(
  text: string,
  { value, insensitive }: Pick<Leaf, 'value' | 'insensitive'>,
  parameters: Parameters,
): string {
  const source = parameters.add(patternSql(value as Pattern), 'text');
  const [subject, expression] = insensitive ? [foldCaseSql(text), foldParameterSql(source)] : [text, source];
  return `(${subject} COLLATE "C") ~ (${expression} COLLATE "C")`;
}

/** SQL for the value that keys lead to within a JSON value; null where there is none. Keys never lead into a list. */
export function jsonAtSql(json: string, path: readonly string[], parameters: Parameters): string {
  if (path.length === 0) return json;
  return `(${[json, ...path.map((key) => parameters.add(key, 'text'))].join(' -> ')})`;
}

/** `jsonAtSql` in memory. */
export function jsonAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

/** SQL for the elements of a JSON list, or for any other JSON value alone: rows of `alias.value`. */
export function elementsSql(json: string, alias: string): string {
  const list = `CASE jsonb_typeof(${json}) WHEN 'array' THEN ${json} ELSE jsonb_build_array(${json}) END`;
  return `jsonb_array_elements(${list}) WITH ORDINALITY AS ${alias}(value, ordinal)`;
}

/**
 * The SQL of a condition on a JSON value: true or false, never null. A list meets a condition if one of its elements
 * does, and `ne` and `notIn` if none of them meets `eq` and `in`. Only tests of a part of a text can disregard case.
 */
export function compileJsonLeaf(parameters: Parameters, leaf: Leaf, json: string): string {
  const { operator, value } = leaf;
  const jsonb = () => parameters.add(JSON.stringify(value), 'jsonb');
  const some = (test: string) => `EXISTS (SELECT FROM ${elementsSql(json, 'element')} WHERE ${test})`;
  switch (operator) {
    case 'isNull':
      return `(coalesce(${json}, 'null') = 'null') = ${parameters.add(value, 'boolean')}`;
    case 'includes':
      return `coalesce(${json} @> ${jsonb()}, FALSE)`;
    case 'hasKey':
      return `coalesce(jsonb_typeof(${json}) = 'object' AND ${json} ? ${parameters.add(value, 'text')}, FALSE)`;
    case 'eq':
      return some(`element.value = ${jsonb()}`);
    case 'ne':
      return `NOT ${some(`element.value = ${jsonb()}`)}`;
    case 'in':
      return some(`element.value IN (SELECT jsonb_array_elements(${jsonb()}))`);
    case 'notIn':
      return `NOT ${some(`element.value IN (SELECT jsonb_array_elements(${jsonb()}))`)}`;
    case 'lt':
      return some(comparedSql(parameters, '<', value));
    case 'lte':
      return some(comparedSql(parameters, '<=', value));
    case 'gt':
      return some(comparedSql(parameters, '>', value));
    case 'gte':
      return some(comparedSql(parameters, '>=', value));
    default:
      return some(`jsonb_typeof(element.value) = 'string' AND ${textTestSql(parameters, leaf, operator)}`);
  }
}

const elementText = `(element.value #>> '{}')`;

/** Values of different types are neither greater nor less than each other. */
function comparedSql(parameters: Parameters, sign: string, value: unknown): string {
  if (typeof value === 'string') {
    return `jsonb_typeof(element.value) = 'string' AND ${elementText} COLLATE "C" ${sign} ${parameters.add(value, 'text')}`;
  }
  return `CASE jsonb_typeof(element.value) WHEN 'number' THEN element.value::numeric ${sign} ${parameters.add(value, 'numeric')} ELSE FALSE END`;
}

function textTestSql(
  parameters: Parameters,
  leaf: Leaf,
  operator: 'contains' | 'startsWith' | 'endsWith' | 'matches',
): string {
  const { value, insensitive } = leaf;
  if (operator === 'matches') return matchesSql(elementText, leaf, parameters);
  const parameter = parameters.add(value, 'text');
  const whole = insensitive ? foldCaseSql(elementText) : elementText;
  const part = insensitive ? foldParameterSql(parameter) : parameter;
  switch (operator) {
    case 'contains':
      return `position(${part} IN ${whole}) > 0`;
    case 'startsWith':
      return `starts_with(${whole}, ${part})`;
    case 'endsWith':
      return `right(${whole}, length(${part})) = ${part}`;
  }
}

/** A test of one value. */
export type ValueTest = (value: unknown) => boolean;

/** `compileJsonLeaf` in memory. @param testOf makes a condition's test for one element */
export function jsonLeafTest(leaf: Leaf, testOf: (leaf: Leaf) => ValueTest): ValueTest {
  switch (leaf.operator) {
    case 'isNull':
    case 'includes':
    case 'hasKey': {
      const test = testOf(leaf);
      return (json) => test(json ?? null);
    }
    case 'ne':
      return negated(elementTest({ ...leaf, operator: 'eq' }, testOf));
    case 'notIn':
      return negated(elementTest({ ...leaf, operator: 'in' }, testOf));
    default:
      return elementTest(leaf, testOf);
  }
}

const negated =
  (test: ValueTest): ValueTest =>
  (value) =>
    !test(value);

const orderings: ReadonlySet<string> = new Set(['lt', 'lte', 'gt', 'gte']);
const textTests: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith', 'matches']);

/** Whether an element of a list, or any other value itself, meets the condition. */
function elementTest(leaf: Leaf, testOf: (leaf: Leaf) => ValueTest): ValueTest {
  const test = testOf(textTests.has(leaf.operator) ? leaf : { ...leaf, insensitive: false });
  const isComparable: ValueTest = orderings.has(leaf.operator)
    ? (element) => typeof element === typeof leaf.value
    : () => true;
  return (json) => {
    const elements: readonly unknown[] = Array.isArray(json) ? json : [json ?? null];
    return elements.some((element) => isComparable(element) && test(element));
  };
}
