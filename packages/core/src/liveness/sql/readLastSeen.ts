import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'read_last_seen',
  text: `
SELECT supervisor_id AS id, last_seen_at AS "lastSeenAt" FROM leases WHERE supervisor_id = ANY($1::text[])`,
};

/** By id, when supervisors were last heard of; null for never. Those that have no lease are left out. */
export async function readLastSeen(sql: Sql, ids: readonly string[]): Promise<Map<string, Date | null>> {
  const rows = await sql.query<{ id: string; lastSeenAt: Date | null }>(statement, [ids]);
  return new Map(rows.map(({ id, lastSeenAt }) => [id, lastSeenAt]));
}
