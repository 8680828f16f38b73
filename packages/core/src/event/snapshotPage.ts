import type { Sql } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import type { JsonRow } from '../base/rows.ts';
import { compileCondition } from '../query/compile.ts';
import type { Condition } from '../query/condition.ts';
import { createParameters } from '../query/context.ts';
import { scopeSql } from '../query/scopeSql.ts';
import { tableSql } from '../query/tableSql.ts';
import type { LogBounds } from './cursor.ts';
import { inRecovery, logSql } from './sql/logSql.ts';

/** Rows of one page. */
const pageSize = 500;

/** Rows of a snapshot, and the state of the log that they reflect. */
export interface SnapshotPage {
  /** The log whose newest event is the newest that these rows reflect. */
  log: LogBounds;
  rows: JsonRow[];
  lastId: string | null;
  /** Whether no matching row has a greater id. */
  complete: boolean;
}

/**
 * Reads the next matching rows by id, and the newest event that they reflect. One statement sees one moment, and events
 * are numbered in the order of commits (E2): the rows have the effects of exactly the events up to `headSeq`.
 */
export async function readSnapshotPage(
  sql: Sql,
  entity: 'supervisor' | 'plugin',
  scope: Scope,
  where: Condition,
  afterId: string | null,
): Promise<SnapshotPage> {
  const parameters = createParameters();
  const context = { parameters, scope };
  const conditions = [
    scopeSql(context, 't'),
    compileCondition(context, entity, where, 't'),
    ...(afterId === null ? [] : [`t.id > ${parameters.add(afterId, 'text')}`]),
  ];
  // A row of the answer for each row of the page, so that the client parses them one by one.
  const found = await sql.query<LogBounds & { row: JsonRow | null }>(
    `SELECT log.*, page.row
     FROM (${logSql}) log
     LEFT JOIN LATERAL (
       SELECT t.id, to_jsonb(t) - 'secret_hash' AS row FROM ${tableSql(context, entity, 't')}
       WHERE ${conditions.join(' AND ')} ORDER BY t.id LIMIT ${pageSize}) page ON TRUE
     ORDER BY page.id`,
    parameters.values,
  );
  const [first] = found;
  if (!first) throw inRecovery();
  const { row: _, ...log } = first;
  const rows = found.flatMap(({ row }) => (row === null ? [] : [row]));
  const last = rows.at(-1)?.id;
  return {
    log,
    rows,
    lastId: typeof last === 'string' ? last : null,
    complete: rows.length < pageSize,
  };
}
