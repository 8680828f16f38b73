import type { Condition } from '../query/condition.ts';
import type { OrderKey } from '../query/keyset.ts';
import type { DateFormat } from './dateFormat.ts';

/** Keys that lead from a row to a value. */
export type RowPath = readonly string[];

/** A value of a row under the name that a stage gives to it. */
export interface NamedPath {
  readonly name: string;
  readonly path: RowPath;
}

/** A condition on the rows that an operator of a group takes in. */
export interface GroupCondition {
  readonly path: RowPath;
  readonly operator: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'isNull';
  readonly value: unknown;
}

/** The operators of a group's fields. */
export const groupOperators = [
  'count',
  'sum',
  'average',
  'max',
  'min',
  'first',
  'last',
  'push',
  'add_to_set',
  'merge_objects',
] as const;
/** An operator of a group's field. */
export type GroupOperator = (typeof groupOperators)[number];

/** The operators of a project's fields. */
export const projectOperators = ['size', 'sum', 'array_to_object', 'object_to_array'] as const;
/** An operator of a project's field. */
export type ProjectOperator = (typeof projectOperators)[number];

/** A field that a group works out of its rows. */
export interface GroupField {
  readonly name: string;
  readonly operator: GroupOperator;
  /** Empty where the operator needs no value, or `members` make the value. */
  readonly path: RowPath;
  /** The object that is collected, by its members; null for the value at `path`. */
  readonly members: readonly NamedPath[] | null;
  readonly conditions: readonly GroupCondition[];
}

/** A stage that makes one row of each group of rows. */
export interface GroupStage {
  readonly kind: 'group';
  /** `format` is that of a time; null for the value itself. */
  readonly keys: readonly (NamedPath & { readonly format: DateFormat | null })[];
  readonly fields: readonly GroupField[];
}

/** A stage that makes each row anew of some of its values. */
export interface ProjectStage {
  readonly kind: 'project';
  readonly members: readonly (NamedPath & { readonly operator: ProjectOperator | null })[];
}

/** One step of statistics, from rows to rows. */
export type Stage =
  | GroupStage
  | ProjectStage
  | { readonly kind: 'distinct'; readonly path: RowPath }
  /** `where` is a condition on the rows that it makes, whose leaves' paths are rows' paths (rowCondition.ts). */
  | { readonly kind: 'unwind'; readonly path: RowPath; readonly where: Condition }
  | { readonly kind: 'count'; readonly name: string }
  | {
      readonly kind: 'sort';
      readonly keys: readonly { readonly path: RowPath; readonly direction: OrderKey['direction'] }[];
    }
  | { readonly kind: 'limit' | 'skip'; readonly count: number };
