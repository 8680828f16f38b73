import type { Scope } from '../access/policy.ts';
import { badUserInput } from '../base/errors.ts';
import type { CoreInternals } from '../core.ts';
import { columnSql, compileCondition } from './compile.ts';
import type { Condition } from './condition.ts';
import { type CompileContext, createParameters } from './context.ts';
import { type Entity, requireField } from './fields.ts';
import { scopeSql } from './scopeSql.ts';
import { tableSql } from './tableSql.ts';

/** Maximum number of groups in one answer. */
export const maxGroups = 10_000;

/** A key to group by: a field, or labels. */
export type GroupKey =
  | { readonly as: string; readonly field: string }
  /** Each `key=value` of the labels makes a group; with `label`, only the values of that label do. */
  | { readonly as: string; readonly label: string | null };

/** Rows to count by group. */
export interface StatsRequest {
  readonly entity: Entity;
  readonly scope: Scope;
  readonly where: Condition;
  readonly groupBy: readonly GroupKey[];
}

type Stat = Record<string, unknown> & { count: number };

/**
 * Counts rows by group, the largest group first.
 *
 * @throws DomainError BAD_USER_INPUT where there is no key, or there are too many groups
 */
export async function countByGroup(
  { db, statements }: Pick<CoreInternals, 'db' | 'statements'>,
  request: StatsRequest,
): Promise<Stat[]> {
  const parameters = createParameters();
  const text = groupsSql(request, { parameters, scope: request.scope });
  const rows = await db.sql.query<Stat>(statements.named(text, db.currentWork().tenant), parameters.values);
  if (rows.length > maxGroups) {
    throw badUserInput(['groupBy'], `expected at most ${maxGroups} groups; narrow the filter or group by fewer keys`);
  }
  return rows;
}

/** SQL for the groups, the largest first, up to one more than there may be. Columns: the keys, and `count`. */
export function groupsSql({ entity, where, groupBy }: StatsRequest, context: CompileContext): string {
  if (groupBy.length === 0) throw badUserInput(['groupBy'], 'expected at least one key; got none');
  const joins: string[] = [];
  const columns = groupBy.map((key) => {
    if ('label' in key) {
      const only = key.label === null ? '' : `WHERE l.key = ${context.parameters.add(key.label, 'text')}`;
      joins.push(`LEFT JOIN LATERAL (
        SELECT l.key || '=' || coalesce(l.value, 'null') AS label FROM jsonb_each_text(t.labels) AS l ${only}) labelled ON TRUE`);
      return `labelled.label AS "${key.as}"`;
    }
    return `${columnSql('t', requireField(entity, key.field))} AS "${key.as}"`;
  });
  const places = groupBy.map((_, i) => i + 1).join(', ');
  return `SELECT ${columns.join(', ')}, count(*)::int AS count FROM ${tableSql(context, entity, 't')} ${joins.join(' ')}
     WHERE ${scopeSql(context, 't')} AND ${compileCondition(context, entity, where, 't')}
     GROUP BY ${places} ORDER BY count DESC, ${places} LIMIT ${maxGroups + 1}`;
}
