import type { Sql, Statement } from '@muster/db';
import type { LogBounds } from '../cursor.ts';

const statement: Statement = {
  name: 'read_log_bounds',
  text: `
SELECT log_id AS "logId", trimmed_through AS "trimmedThrough",
  greatest(trimmed_through, (SELECT max(seq) FROM events)) AS "headSeq"
FROM event_log`,
};

/** The log's id, how far it has been trimmed, and the newest event's sequence number. */
export async function readLogBounds(sql: Sql): Promise<LogBounds> {
  const [row] = await sql.query<LogBounds>(statement);
  if (!row) throw new Error('the table event_log has lost its row');
  return row;
}
