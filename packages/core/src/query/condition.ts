/** How one field is compared. On a field without a value every operator but `ne`, `notIn` and `isNull` is false. */
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
  /** The value, a `Pattern` of pattern.ts, matches some part of the text. */
  | 'matches'
  /** JSON containment: the field has all of the value's keys, with values that contain its values. */
  | 'includes'
  /** The JSON object has this key. */
  | 'hasKey'
  | 'isNull';

/**
 * The internal form of every filter, whichever interface the filter came by. compile.ts turns conditions into SQL,
 * evaluate.ts answers them in memory, with the same meaning: each condition is true or false, never unknown.
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

/** A condition on one field. */
export interface Leaf {
  readonly field: string;
  /** Keys that lead into the field's JSON. A list there meets a condition if one of the elements does (jsonLeaf.ts). */
  readonly path?: readonly string[];
  readonly operator: Operator;
  readonly value: unknown;
  /** Text is compared without regard to case. */
  readonly insensitive?: boolean;
}

/** The condition that every row meets. */
export const everything: Condition = { all: [] };

/** The condition that all of these hold; those that are undefined are left out. */
export function allOf(...conditions: readonly (Condition | undefined)[]): Condition {
  return { all: conditions.filter((condition) => condition !== undefined) };
}
