import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../access/viewer.ts';
import { type SupervisorSituation, supervisorLifecycle, supervisorReasons } from '../supervisor/lifecycle.ts';

/** `{situation: state}` for the cells of the lifecycle in which a lease that runs out changes something. */
const expiring = Object.fromEntries(
  Object.entries(supervisorLifecycle).flatMap(([situation, { expire }]) =>
    expire.kind === 'become' ? [[situation as SupervisorSituation, expire.state]] : [],
  ),
);

/**
 * Every replica may sweep (L4): a lease that another transaction is renewing, or that another sweep has taken, is
 * skipped, and one that is taken here is looked at again under its lock.
 */
const statement: Statement = {
  name: 'expire_leases',
  text: `
WITH expired AS MATERIALIZED (
  SELECT l.supervisor_id
  FROM leases l
  JOIN supervisors s ON s.id = l.supervisor_id
  WHERE l.expires_at < now() + $1::float8 * interval '1 millisecond' AND $2::jsonb ? s.state::text
  FOR UPDATE OF l SKIP LOCKED
)
UPDATE supervisors s SET
  state = ($2::jsonb ->> s.state::text)::supervisor_state,
  actor = '${systemSubject}',
  reason = '${supervisorReasons.expire}'
FROM expired e
WHERE s.id = e.supervisor_id AND $2::jsonb ? s.state::text
RETURNING s.id`,
};

/** Marks those whose lease has run out; returns their ids. */
export async function expireLeases(sql: Sql, clockOffsetMs: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(statement, [clockOffsetMs, JSON.stringify(expiring)]);
  return rows.map((row) => row.id);
}
