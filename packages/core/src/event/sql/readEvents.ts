import type { Sql, Statement } from '@muster/db';
import type { JsonRow } from '../../base/rows.ts';

/** One query for each wake-up of a replica (E4): the events after a sequence number, oldest first. */
const statement: Statement = {
  name: 'read_events',
  text: `SELECT to_jsonb(e) AS row FROM events e WHERE e.seq > $1::bigint ORDER BY e.seq LIMIT $2::int`,
};

/** The rows of the events after a sequence number, oldest first. */
export async function readEvents(sql: Sql, afterSeq: number, limit: number): Promise<JsonRow[]> {
  const rows = await sql.query<{ row: JsonRow }>(statement, [afterSeq, limit]);
  return rows.map(({ row }) => row);
}
