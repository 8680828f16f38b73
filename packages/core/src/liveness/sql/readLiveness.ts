import type { Sql, Statement } from '@muster/db';

export interface SupervisorLiveness {
  /** Its lease hasn't run out. */
  connected: boolean;
  lastSeenAt: Date | null;
}

const statement: Statement = {
  name: 'read_liveness',
  text: `
SELECT supervisor_id AS id, last_seen_at AS "lastSeenAt",
  expires_at > now() + $2::float8 * interval '1 millisecond' AS connected
FROM leases WHERE supervisor_id = ANY($1::text[])`,
};

/** By supervisor id; one without a lease is missing. */
export async function readLiveness(
  sql: Sql,
  ids: readonly string[],
  clockOffsetMs: number,
): Promise<Map<string, SupervisorLiveness>> {
  const rows = await sql.query<SupervisorLiveness & { id: string }>(statement, [ids, clockOffsetMs]);
  return new Map(rows.map(({ id, connected, lastSeenAt }) => [id, { connected, lastSeenAt }]));
}
