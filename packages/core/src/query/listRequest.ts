import type { Scope } from '../access/policy.ts';
import type { JsonRow } from '../base/rows.ts';
import type { Limits } from '../base/settings.ts';
import type { RowSource } from './boundedRows.ts';
import type { Condition } from './condition.ts';
import type { Entity } from './fields.ts';
import type { OrderKey, PageArguments } from './keyset.ts';
import type { ScopeOptions } from './scopeSql.ts';

/** Which rows of an entity are meant: those of the scope that meet the condition. */
export interface RowSelection extends ScopeOptions {
  readonly entity: Entity;
  readonly scope: Scope;
  readonly where: Condition;
}

/** A list that is asked for, checked against the viewer's rights. */
export interface ListRequest<Model> extends RowSelection {
  readonly db: RowSource;
  readonly limits: Limits;
  readonly orderBy: readonly OrderKey[];
  readonly page: PageArguments;
  readonly model: (row: JsonRow) => Model;
  /** Cursors other than the values of the order (cursor.ts). */
  readonly cursors?: { of(row: JsonRow): string; values(text: string, path: string): unknown[] };
}
