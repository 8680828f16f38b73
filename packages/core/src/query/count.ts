import type { Sql } from '@muster/db';
import { compileCondition } from './compile.ts';
import { type CompileContext, createParameters } from './context.ts';
import type { RowSelection } from './listRequest.ts';
import { scopeSql } from './scopeSql.ts';
import { tableSql } from './tableSql.ts';

/** FROM and WHERE of the rows that a selection means. */
function selectionSql(
  context: CompileContext,
  { entity, where, includePublic }: RowSelection,
  alias: string,
  link?: string,
): string {
  const conditions = [
    ...(link === undefined ? [] : [link]),
    scopeSql(context, alias, { includePublic }),
    compileCondition(context, entity, where, alias),
  ];
  return `FROM ${tableSql(context, entity, alias, { includePublic })} WHERE ${conditions.join(' AND ')}`;
}

/**
 * SQL for the number of rows that a selection means.
 *
 * @param link one more condition, which ties the rows to a row of an outer statement
 */
export function countSql(context: CompileContext, selection: RowSelection, alias: string, link?: string): string {
  return `(SELECT count(*) ${selectionSql(context, selection, alias, link)})`;
}

/** The number of rows that a selection means. */
export async function countRows(sql: Sql, selection: RowSelection): Promise<number> {
  const parameters = createParameters();
  const rows = selectionSql({ parameters, scope: selection.scope }, selection, 't');
  const [row] = await sql.query<{ count: number }>(`SELECT count(*)::int AS count ${rows}`, parameters.values);
  return row?.count ?? 0;
}

/** `countRows` for each of many parents, in one statement; a parent without rows is missing. */
export async function countRowsOf(
  sql: Sql,
  selection: RowSelection,
  parentColumn: string,
  parentIds: readonly string[],
): Promise<Map<string, number>> {
  const parameters = createParameters();
  const link = `t."${parentColumn}" = ANY(${parameters.add(parentIds, 'text[]')})`;
  const rows = await sql.query<{ parentId: string; count: number }>(
    `SELECT t."${parentColumn}" AS "parentId", count(*)::int AS count
     ${selectionSql({ parameters, scope: selection.scope }, selection, 't', link)} GROUP BY 1`,
    parameters.values,
  );
  return new Map(rows.map((row) => [row.parentId, row.count]));
}
