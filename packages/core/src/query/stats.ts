import type { Scope } from '../access/policy.ts';
import type { Core } from '../core.ts';
import { badUserInput } from '../errors.ts';
import { columnSql, compileCondition, createParameters } from './compile.ts';
import type { Condition } from './condition.ts';
import { type Entity, fieldNamed } from './fields.ts';
import { compileScope } from './scope.ts';
import { sourceOf } from './source.ts';

/** Groups that one answer may have; more is refused, since it would be no statistic. */
const maxGroups = 10_000;

/** What to group by: a field, or labels. */
export type GroupKey =
  | { readonly as: string; readonly field: string }
  /** Each `key=value` of the labels is a group of its own; with `key`, only that label's values are. */
  | { readonly as: string; readonly label: string | null };

export interface StatsRequest {
  core: Pick<Core, 'db' | 'statements'>;
  entity: Entity;
  scope: Scope;
  where: Condition;
  groupBy: readonly GroupKey[];
}

/** Counts by group, greatest first, by one statement; each result holds `count` and the keys asked for. */
export async function countByGroup(request: StatsRequest): Promise<(Record<string, unknown> & { count: number })[]> {
  const { entity, groupBy } = request;
  if (groupBy.length === 0) throw badUserInput(['groupBy'], 'expected at least one key; got none');
  const parameters = createParameters();
  const context = { parameters, scope: request.scope };
  const joins: string[] = [];
  const columns = groupBy.map((key) => {
    if ('label' in key) {
      const only = key.label === null ? '' : `WHERE l.key = ${parameters.add(key.label, 'text')}`;
      joins.push(`LEFT JOIN LATERAL (
        SELECT l.key || '=' || coalesce(l.value, 'null') AS label FROM jsonb_each_text(t.labels) AS l ${only}) labelled ON TRUE`);
      return `labelled.label AS "${key.as}"`;
    }
    const field = fieldNamed(entity, key.field);
    if (!field) throw new Error(`${entity} has no field ${key.field}`);
    return `${columnSql('t', field)} AS "${key.as}"`;
  });
  const places = groupBy.map((_, i) => i + 1).join(', ');
  const { db, statements } = request.core;
  const rows = await db.sql.query<Record<string, unknown> & { count: number }>(
    statements.named(`SELECT ${columns.join(', ')}, count(*)::int AS count FROM ${sourceOf(context, entity, 't')} ${joins.join(' ')}
     WHERE ${compileScope(context, 't')} AND ${compileCondition(context, entity, request.where, 't')}
     GROUP BY ${places} ORDER BY count DESC, ${places} LIMIT ${maxGroups + 1}`),
    parameters.values,
  );
  if (rows.length > maxGroups) {
    throw badUserInput(['groupBy'], `expected at most ${maxGroups} groups; narrow the filter or group by fewer keys`);
  }
  return rows;
}
