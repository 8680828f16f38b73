import type { Viewer } from '../access/viewer.ts';
import type { CoreInternals } from '../core.ts';
import type { Parameters } from '../query/context.ts';

/** One statement that is being made. */
export interface JsonStatement {
  readonly core: CoreInternals;
  readonly viewer: Viewer;
  readonly parameters: Parameters;
  /** Counts that are parts of the statement, apart from the rest. */
  readonly counts: ScopeCount[];
  /** Groups that may be too many, each a part of the statement apart from the rest. */
  readonly groups: Groups[];
  /** A name for a table that no other in the statement has. */
  newAlias(): string;
}

/** Groups that a statement's part counts. */
export interface Groups {
  /** The name of the part. */
  readonly name: string;
  readonly sql: string;
}

/** The number of a scope's rows, counted by a statement unless a count from before still holds. */
export interface ScopeCount {
  /** The name of the statement's part that has the count: columns `after` and `count`. */
  readonly name: string;
  readonly sql: string;
  /** The key of the count in the cache. */
  readonly scope: string;
}
