import { isObject } from '../base/validate.ts';
import type { Condition, Leaf } from './condition.ts';
import { jsonAt, matches, meetsJsonLeaf } from './jsonLeaf.ts';

/** A supervisor and its plugins: the rows that a relation of one of them leads to. */
export interface RelatedRows {
  /** Null once the supervisor is deleted. */
  readonly supervisor: object | null;
  /** The plugins that the viewer may see. */
  readonly plugins: readonly object[];
}

/**
 * Whether a row meets a condition, in memory; compile.ts has the same meaning in SQL.
 *
 * @param row an object with the entity's fields
 * @param related needed only by conditions on related rows
 */
export function meets(condition: Condition, row: object, related?: RelatedRows): boolean {
  if ('all' in condition) return condition.all.every((part) => meets(part, row, related));
  if ('any' in condition) return condition.any.some((part) => meets(part, row, related));
  if ('not' in condition) return !meets(condition.not, row, related);
  if ('related' in condition) return meetsRelated(condition, related);
  const value = (row as Readonly<Record<string, unknown>>)[condition.field];
  if (condition.path || Array.isArray(value)) {
    return meetsJsonLeaf(condition, jsonAt(value, condition.path ?? []), meetsValue);
  }
  return meetsValue(condition, value);
}

function meetsRelated(condition: Extract<Condition, { related: string }>, related: RelatedRows | undefined): boolean {
  if (related === undefined) throw new Error('a condition on related rows needs these');
  const { where } = condition;
  if (condition.related === 'supervisor') {
    return related.supervisor !== null && meets(where, related.supervisor, related);
  }
  const matches = (plugin: object) => meets(where, plugin, related);
  switch (condition.quantifier) {
    case 'some':
      return related.plugins.some(matches);
    case 'none':
      return !related.plugins.some(matches);
    case 'every':
      return related.plugins.every(matches);
  }
}

type Comparable = string | number | boolean | object | null;

/** The form in which values are compared: times as numbers, texts folded where case doesn't count, null for a missing value. */
function comparable(value: unknown, insensitive?: boolean): Comparable {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'string') return insensitive ? lower(value) : value;
  return value as Comparable;
}

/** PostgreSQL's `lower`: letter by letter, whatever stands beside it; JavaScript knows a final sigma. */
function lower(value: string): string {
  return Array.from(value, (letter) => (letter === '\u0130' ? 'i' : letter.toLowerCase())).join('');
}

function meetsValue(condition: Leaf, value: unknown): boolean {
  return meetsLeaf(condition, comparable(value, condition.insensitive));
}

function meetsLeaf(condition: Leaf, left: Comparable): boolean {
  const right = () => comparable(condition.value, condition.insensitive);
  const anyOf = () =>
    left !== null && (condition.value as unknown[]).some((value) => comparable(value, condition.insensitive) === left);
  switch (condition.operator) {
    case 'eq':
      return left !== null && left === right();
    case 'ne':
      return left !== right();
    case 'lt':
      return ordered(left, right(), (order) => order < 0);
    case 'lte':
      return ordered(left, right(), (order) => order <= 0);
    case 'gt':
      return ordered(left, right(), (order) => order > 0);
    case 'gte':
      return ordered(left, right(), (order) => order >= 0);
    case 'in':
      return anyOf();
    case 'notIn':
      return !anyOf();
    case 'contains':
      return textTest(left, right(), (whole, part) => whole.includes(part));
    case 'startsWith':
      return textTest(left, right(), (whole, part) => whole.startsWith(part));
    case 'endsWith':
      return textTest(left, right(), (whole, part) => whole.endsWith(part));
    case 'matches':
      return typeof left === 'string' && matches(left, condition.value, condition.insensitive ? lower : (text) => text);
    case 'includes':
      return left !== null && jsonIncludes(left, condition.value);
    case 'hasKey':
      return typeof left === 'object' && left !== null && Object.hasOwn(left, String(condition.value));
    case 'isNull':
      return (left === null) === condition.value;
  }
}

function ordered(left: Comparable, right: Comparable, test: (order: number) => boolean): boolean {
  if (left === null || right === null) return false;
  if (typeof left === 'string' && typeof right === 'string')
    return test(Buffer.compare(Buffer.from(left), Buffer.from(right)));
  return test(Number(left) - Number(right));
}

function textTest(left: Comparable, right: Comparable, test: (whole: string, part: string) => boolean): boolean {
  return typeof left === 'string' && typeof right === 'string' && test(left, right);
}

/** PostgreSQL's `@>`: objects by key, arrays as sets, and at the top an array includes a primitive that is in it. */
function jsonIncludes(whole: unknown, part: unknown, top = true): boolean {
  if (Array.isArray(whole)) {
    if (Array.isArray(part)) return part.every((inner) => whole.some((outer) => jsonIncludes(outer, inner, false)));
    return top && !isObject(part) && whole.includes(part);
  }
  if (isObject(whole) && isObject(part)) {
    return Object.entries(part).every(
      ([key, inner]) => Object.hasOwn(whole, key) && jsonIncludes(whole[key], inner, false),
    );
  }
  return !isObject(whole) && !isObject(part) && !Array.isArray(part) && whole === part;
}
