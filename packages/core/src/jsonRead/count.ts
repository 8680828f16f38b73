import type { CoreInternals } from '../core.ts';
import { type CompileContext, compileCondition } from '../query/compile.ts';
import type { Condition } from '../query/condition.ts';
import type { Entity } from '../query/fields.ts';
import type { ListRequest } from '../query/page.ts';
import { compileScope } from '../query/scope.ts';
import { sourceOf } from '../query/source.ts';
import type { JsonStatement } from './object.ts';

/** Rows of a scope that a statement counts, or knows the number of. */
export interface ScopeCount {
  /** The name of the statement's part that has it: columns `after` and `count`. */
  readonly name: string;
  readonly sql: string;
  readonly scope: string;
}

const kinds: Partial<Record<Entity, string>> = {
  supervisor: `('SUPERVISOR_CREATED', 'SUPERVISOR_DELETED')`,
  plugin: `('PLUGIN_CREATED', 'PLUGIN_DELETED')`,
};

/**
 * SQL for how many rows match a list's scope and condition, whatever the page.
 *
 * A scope's rows, all of them, are not counted again as long as none has been created or deleted: that is told by the
 * newest event that says so, or its trimming, in the statement's own snapshot. An event is committed with what it tells.
 */
export function countSql(
  statement: JsonStatement,
  request: ListRequest<unknown>,
  link?: (alias: string) => string,
): string {
  const { entity, scope, includePublic, where } = request;
  const alias = statement.newAlias();
  const context: CompileContext = { parameters: statement.parameters, scope };
  const conditions = [
    ...(link ? [link(alias)] : []),
    compileScope(context, alias, includePublic),
    compileCondition(context, entity, where, alias),
  ];
  const counted = `(SELECT count(*) FROM ${sourceOf(context, entity, alias, includePublic)} WHERE ${conditions.join(' AND ')})`;
  const changes = kinds[entity];
  if (link || includePublic || !isEverything(where) || !changes) return counted;

  const name = statement.newAlias();
  const key = `${entity} ${scope.domainId ?? ''}`;
  const known = statement.core.counts.get(key);
  const after = statement.parameters.add(known?.after ?? null, 'text');
  const count = statement.parameters.add(known?.count ?? null, 'bigint');
  statement.counts.push({
    name,
    scope: key,
    sql: `${name} AS MATERIALIZED (
      SELECT now.after, CASE WHEN now.after = ${after} THEN ${count} ELSE ${counted} END AS count
      FROM (SELECT concat(log.log_id, ' ', log.trimmed_through, ' ', (
          SELECT concat(e.seq, ' ', e.at) FROM ${sourceOf(context, 'event', 'e')}
          WHERE ${compileScope(context, 'e')} AND e.kind IN ${changes} ORDER BY e.seq DESC LIMIT 1)) AS after
        FROM event_log log) now)`,
  });
  return `(SELECT count FROM ${name})`;
}

/** Keeps what a statement's row says of its counts. */
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
export function countColumns(counts: readonly ScopeCount[]): string {
  return counts
    .map(({ name }) => `, (SELECT after FROM ${name}) AS "${name}after", (SELECT count FROM ${name}) AS "${name}count"`)
    .join('');
}

function isEverything(condition: Condition): boolean {
  return 'all' in condition && condition.all.every(isEverything);
}
