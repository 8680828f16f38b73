import { jsonDepth } from '../base/validate.ts';

/**
 * The number of values that a condition compares with: the items of a list, the values within JSON, and 1 for any other
 * value.
 *
 * @param most no more are counted: a larger number means more than this
 */
export function operandsOf(value: unknown, most: number): number {
  return countValues(value, most, jsonDepth);
}

/** Values below `levels` are not counted: JSON that deep is refused. */
function countValues(value: unknown, most: number, levels: number): number {
  if (typeof value !== 'object' || value === null || levels === 0) return 1;
  let count = 0;
  for (const inner of Object.values(value)) {
    count += countValues(inner, most - count, levels - 1);
    if (count > most) break;
  }
  return Math.max(1, count);
}

/** The number of objects and lists that are items of lists, anywhere in JSON: each is compared with each item of a row's list. */
export function nestedItemsOf(value: unknown, isItem = false): number {
  if (typeof value !== 'object' || value === null) return 0;
  const isList = Array.isArray(value);
  return Object.values(value).reduce((count, inner) => count + nestedItemsOf(inner, isList), isItem ? 1 : 0);
}
