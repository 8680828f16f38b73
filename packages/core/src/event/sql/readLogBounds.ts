import type { Sql, Statement } from '@muster/db';
import type { LogBounds } from '../cursor.ts';
import { inRecovery, logSql } from './logSql.ts';

const statement: Statement = { name: 'read_log_bounds', text: logSql };

/** The log's epochs, how far it has been trimmed, and the newest event's sequence number. */
export async function readLogBounds(sql: Sql): Promise<LogBounds> {
  const [row] = await sql.query<LogBounds>(statement);
  if (!row) throw inRecovery();
  return row;
}
