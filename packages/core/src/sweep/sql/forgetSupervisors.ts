import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { forgottenReason } from '../../supervisor/lifecycle.ts';

/** The most supervisors that one round forgets: their plugins go with them. */
const mostForgotten = 100;

/** For how many days supervisors may be DISCONNECTED; 0 for any time. */
export interface ForgetOptions {
  /** Of those that were never registered. */
  newcomersDays: number;
  /** Of those that were. */
  registeredDays: number;
  clockOffsetMs: number;
}

const isLongerThan = (days: string) =>
  `(${days} > 0 AND coalesce(l.expires_at, s.created_at) < m.now - ${days} * interval '1 day')`;

/**
 * A lease says since when its supervisor has been DISCONNECTED. One that is publishing just now is locked, and skipped. A
 * deleted row can't name the actor and the reason for its event: record_event() in prisma/migrations takes them from settings.
 */
const statement: Statement = {
  name: 'forget_supervisors',
  text: `
WITH moment AS (SELECT now() + $3::float8 * interval '1 millisecond' AS now),
forgotten AS MATERIALIZED (
  SELECT s.id
  FROM supervisors s
  LEFT JOIN leases l ON l.supervisor_id = s.id
  CROSS JOIN moment m
  WHERE s.state = 'DISCONNECTED'
    AND CASE WHEN s.registered_at IS NULL THEN ${isLongerThan('$1::float8')} ELSE ${isLongerThan('$2::float8')} END
  ORDER BY s.id
  LIMIT ${mostForgotten}
  FOR UPDATE OF s SKIP LOCKED
),
attribution AS MATERIALIZED (
  SELECT set_config('muster.actor', '${systemSubject}', true) AS actor, set_config('muster.reason', '${forgottenReason}', true) AS reason
)
DELETE FROM supervisors s USING forgotten f, attribution a
WHERE s.id = f.id AND s.state = 'DISCONNECTED' AND a.actor IS NOT NULL AND a.reason IS NOT NULL
RETURNING s.id`,
};

/** S11: deletes supervisors that have been DISCONNECTED for long, a bounded number a round; returns their ids. */
export async function forgetSupervisors(sql: Sql, options: ForgetOptions): Promise<string[]> {
  const { newcomersDays, registeredDays, clockOffsetMs } = options;
  if (newcomersDays === 0 && registeredDays === 0) return [];
  const rows = await sql.query<{ id: string }>(statement, [newcomersDays, registeredDays, clockOffsetMs]);
  return rows.map(({ id }) => id);
}
