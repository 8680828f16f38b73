import { isObject } from '../base/validate.ts';
import type { Leaf } from './condition.ts';
import { foldCase } from './foldCase.ts';
import { jsonAt, jsonLeafTest, type ValueTest } from './jsonLeaf.ts';
import type { Pattern } from './pattern.ts';
import { patternMatches } from './patternMatches.ts';

/**
 * The test of one condition on a row. All that depends on the condition alone is worked out here, once: a watch
 * asks for each change.
 */
export function leafTest(leaf: Leaf): (row: object) => boolean {
  const { field, path } = leaf;
  const ofValue = valueTest(leaf);
  const ofJson = jsonLeafTest(leaf, valueTest);
  return (row) => {
    const value = (row as Readonly<Record<string, unknown>>)[field];
    return path || Array.isArray(value) ? ofJson(jsonAt(value, path ?? [])) : ofValue(value);
  };
}

type Comparable = string | number | boolean | object | null;

/** The form in which values are compared: times as numbers, texts folded where case doesn't count, null for a missing value. */
function comparable(value: unknown, insensitive: boolean | undefined): Comparable {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'string') return insensitive ? foldCase(value) : value;
  return value as Comparable;
}

function valueTest(leaf: Leaf): ValueTest {
  const test = comparableTest(leaf);
  return (value) => test(comparable(value, leaf.insensitive));
}

function comparableTest({ operator, value, insensitive }: Leaf): (left: Comparable) => boolean {
  const right = comparable(value, insensitive);
  switch (operator) {
    case 'eq':
      return (left) => left !== null && left === right;
    case 'ne':
      return (left) => left !== right;
    case 'lt':
      return orderTest(right, (order) => order < 0);
    case 'lte':
      return orderTest(right, (order) => order <= 0);
    case 'gt':
      return orderTest(right, (order) => order > 0);
    case 'gte':
      return orderTest(right, (order) => order >= 0);
    case 'in':
      return choiceTest(value, insensitive);
    case 'notIn': {
      const isIn = choiceTest(value, insensitive);
      return (left) => !isIn(left);
    }
    case 'contains':
      return textTest(right, (whole, part) => whole.includes(part));
    case 'startsWith':
      return textTest(right, (whole, part) => whole.startsWith(part));
    case 'endsWith':
      return textTest(right, (whole, part) => whole.endsWith(part));
    case 'matches':
      return (left) =>
        typeof left === 'string' && patternMatches(value as Pattern, left, insensitive ? foldCase : (text) => text);
    case 'includes':
      return (left) => left !== null && jsonIncludes(left, value);
    case 'hasKey':
      return (left) => typeof left === 'object' && left !== null && Object.hasOwn(left, String(value));
    case 'isNull':
      return (left) => (left === null) === value;
  }
}

/** A set, so that a long list takes no longer than a short one. */
function choiceTest(values: unknown, insensitive: boolean | undefined): (left: Comparable) => boolean {
  const choices = new Set((values as unknown[]).map((value) => comparable(value, insensitive)));
  return (left) => left !== null && choices.has(left);
}

function orderTest(right: Comparable, test: (order: number) => boolean): (left: Comparable) => boolean {
  if (right === null) return () => false;
  const bytes = typeof right === 'string' ? Buffer.from(right) : null;
  const number = Number(right);
  return (left) => {
    if (left === null) return false;
    return test(bytes && typeof left === 'string' ? Buffer.compare(Buffer.from(left), bytes) : Number(left) - number);
  };
}

function textTest(right: Comparable, test: (whole: string, part: string) => boolean): (left: Comparable) => boolean {
  if (typeof right !== 'string') return () => false;
  return (left) => typeof left === 'string' && test(left, right);
}

/** PostgreSQL's `@>`: objects by key, arrays as sets, and at the top an array includes a primitive that is in it. */
function jsonIncludes(whole: unknown, part: unknown, top = true): boolean {
  if (Array.isArray(whole)) {
    if (Array.isArray(part)) return includesEach(whole, part);
    return top && !isObject(part) && whole.includes(part);
  }
  if (isObject(whole) && isObject(part)) {
    return Object.entries(part).every(
      ([key, inner]) => Object.hasOwn(whole, key) && jsonIncludes(whole[key], inner, false),
    );
  }
  return !isObject(whole) && !isObject(part) && !Array.isArray(part) && whole === part;
}

/** Most arrays are of plain values, which are looked up; only objects and arrays in them are compared one by one. */
function includesEach(whole: readonly unknown[], part: readonly unknown[]): boolean {
  const plain = part.length > 1 ? new Set(whole) : whole;
  const has = (value: unknown) => (plain instanceof Set ? plain.has(value) : plain.includes(value));
  const nested = whole.filter((outer) => typeof outer === 'object' && outer !== null);
  return part.every((inner) =>
    typeof inner === 'object' && inner !== null
      ? nested.some((outer) => jsonIncludes(outer, inner, false))
      : has(inner),
  );
}
