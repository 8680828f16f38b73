import type { CoreInternals } from '../core.ts';
import type { Condition } from '../query/condition.ts';
import type { CompileContext } from '../query/context.ts';
import { countSql } from '../query/count.ts';
import type { Entity } from '../query/fields.ts';
import type { RowSelection } from '../query/listRequest.ts';
import { scopeSql } from '../query/scopeSql.ts';
import { tableSql } from '../query/tableSql.ts';
import type { JsonStatement, ScopeCount } from './statement.ts';

/** The events that change how many rows there are. */
const countingEvents: Partial<Record<Entity, string>> = {
  supervisor: `('SUPERVISOR_CREATED', 'SUPERVISOR_DELETED')`,
  plugin: `('PLUGIN_CREATED', 'PLUGIN_DELETED')`,
};

/**
 * SQL for how many rows match a list's scope and condition, whatever the page.
 *
 * The cached total of a whole scope stays valid until a row is created or deleted. The newest CREATED or DELETED event
 * (or the place that the log is trimmed through) is the cache key, read in the statement's own snapshot: an event is
 * committed together with the change that it records.
 *
 * @param link for a list that belongs to a row of an outer statement: the condition that ties the rows to that row
 */
export function cachedCountSql(
  statement: JsonStatement,
  selection: RowSelection,
  link?: (alias: string) => string,
): string {
  const { entity, scope, includePublic, where } = selection;
  const alias = statement.newAlias();
  const context: CompileContext = { parameters: statement.parameters, scope };
  const counted = countSql(context, selection, alias, link?.(alias));
  const events = countingEvents[entity];
  if (link || includePublic || !isEverything(where) || !events) return counted;

  const name = statement.newAlias();
  const key = `${entity} ${scope.domainId ?? ''}`;
  const cached = statement.core.counts.get(key);
  const after = statement.parameters.add(cached?.after ?? null, 'text');
  const count = statement.parameters.add(cached?.count ?? null, 'bigint');
  statement.counts.push({
    name,
    scope: key,
    sql: `${name} AS MATERIALIZED (
      SELECT now.after, CASE WHEN now.after = ${after} THEN ${count} ELSE ${counted} END AS count
      FROM (SELECT concat(log.log_id, ' ', log.epoch, ' ', log.trimmed_through, ' ', (
          SELECT concat(e.seq, ' ', e.at) FROM ${tableSql(context, 'event', 'e')}
          WHERE ${scopeSql(context, 'e')} AND e.kind IN ${events} ORDER BY e.seq DESC LIMIT 1)) AS after
        FROM event_log log) now)`,
  });
  return `(SELECT count FROM ${name})`;
}

/** Caches the counts that a statement's row brings. */
export function keepCounts(
  core: CoreInternals,
  counts: readonly ScopeCount[],
  row: Readonly<Record<string, unknown>>,
): void {
  for (const { name, scope } of counts) {
    core.counts.set(scope, { after: String(row[`${name}after`]), count: Number(row[`${name}count`]) });
  }
}

/** The columns that `keepCounts` reads. */
export function countColumns(counts: readonly ScopeCount[]): readonly string[] {
  return counts.map(
    ({ name }) => `(SELECT after FROM ${name}) AS "${name}after", (SELECT count FROM ${name}) AS "${name}count"`,
  );
}

function isEverything(condition: Condition): boolean {
  return 'all' in condition && condition.all.every(isEverything);
}
