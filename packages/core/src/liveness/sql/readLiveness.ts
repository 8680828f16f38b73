import type { Sql, Statement } from '@muster/db';

/** Whether a supervisor is alive, and when it was last heard of. */
export interface SupervisorLiveness {
  /** Whether the supervisor's lease has not run out. */
  connected: boolean;
  lastSeenAt: Date | null;
}

/** SQL for "the lease has not run out"; `clockOffsetMs` is the placeholder of how far ahead the clock is read. */
export const isAliveSql = (lease: string, clockOffsetMs: string) =>
  `${lease}.expires_at > now() + ${clockOffsetMs} * interval '1 millisecond'`;

const statement: Statement = {
  name: 'read_liveness',
  text: `
SELECT supervisor_id AS id, last_seen_at AS "lastSeenAt",
  ${isAliveSql('l', '$2::float8')} AS connected
FROM leases l WHERE supervisor_id = ANY($1::text[])`,
};

/** The liveness of supervisors by id, without those that have no lease. */
export async function readLiveness(
  sql: Sql,
  ids: readonly string[],
  clockOffsetMs: number,
): Promise<Map<string, SupervisorLiveness>> {
  const rows = await sql.query<SupervisorLiveness & { id: string }>(statement, [ids, clockOffsetMs]);
  return new Map(rows.map(({ id, connected, lastSeenAt }) => [id, { connected, lastSeenAt }]));
}
