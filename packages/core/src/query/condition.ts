import type { Entity } from './fields.ts';

/** What one field is compared by. On a field without a value every operator but `ne`, `notIn` and `isNull` is false. */
export type Operator =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'in'
  | 'notIn'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  /** The value, a `Pattern` of search/pattern.ts, matches some part of the text. */
  | 'matches'
  /** JSON containment: the field has all of the value's keys, with values that contain its values. */
  | 'includes'
  /** The JSON object has this key. */
  | 'hasKey'
  | 'isNull';

/**
 * The one internal form of every filter, whichever interface it came by. compile.ts turns it into SQL, evaluate.ts
 * answers it in memory, with the same meaning: each condition is true or false, never unknown.
 */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | Leaf
  /** A plugin's supervisor. */
  | { readonly related: 'supervisor'; readonly where: Condition }
  /** Some, none or every one of a supervisor's plugins. */
  | { readonly related: 'plugins'; readonly quantifier: 'some' | 'none' | 'every'; readonly where: Condition };

/** What a condition says of one field. */
export interface Leaf {
  readonly field: string;
  /** Keys that lead into the field's JSON. A list there meets what one of its elements meets (search/jsonLeaf.ts). */
  readonly path?: readonly string[];
  readonly operator: Operator;
  readonly value: unknown;
  /** Text is compared without regard to case. */
  readonly insensitive?: boolean;
}

export const everything: Condition = { all: [] };

export function allOf(...conditions: readonly (Condition | undefined)[]): Condition {
  return { all: conditions.filter((condition) => condition !== undefined) };
}

/** The entity that a relation leads to. */
export const relatedEntity = { supervisor: 'supervisor', plugins: 'plugin' } as const satisfies Record<string, Entity>;

/** Whether a condition can be answered from the row itself, without related rows. */
export function isOfOwnFields(condition: Condition): boolean {
  if ('all' in condition) return condition.all.every(isOfOwnFields);
  if ('any' in condition) return condition.any.every(isOfOwnFields);
  if ('not' in condition) return isOfOwnFields(condition.not);
  return !('related' in condition);
}
