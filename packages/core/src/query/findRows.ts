import type { Sql } from '@muster/db';
import type { JsonRow } from '../base/rows.ts';
import { compileCondition } from './compile.ts';
import { createParameters } from './context.ts';
import type { RowSelection } from './listRequest.ts';
import { scopeSql } from './scopeSql.ts';
import { tableSql } from './tableSql.ts';

/** The rows of a selection by id, from the first whose id is greater than `afterId`, up to `limit` of them. */
export async function findRows(
  sql: Sql,
  { entity, scope, where, includePublic }: RowSelection,
  { limit, afterId = '' }: { limit: number; afterId?: string },
): Promise<JsonRow[]> {
  const parameters = createParameters();
  const context = { parameters, scope };
  const conditions = [
    scopeSql(context, 't', { includePublic }),
    compileCondition(context, entity, where, 't'),
    ...(afterId === '' ? [] : [`t.id > ${parameters.add(afterId, 'text')}`]),
  ];
  const rows = await sql.query<{ row: JsonRow }>(
    `SELECT to_jsonb(t) - 'secret_hash' AS row FROM ${tableSql(context, entity, 't', { includePublic })}
     WHERE ${conditions.join(' AND ')} ORDER BY t.id LIMIT ${parameters.add(limit, 'int')}`,
    parameters.values,
  );
  return rows.map(({ row }) => row);
}
