import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { type SupervisorSituation, supervisorLifecycle, supervisorReasons } from '../../supervisor/lifecycle.ts';

/** L6: the condition of a domain whose supervisors are held. */
export const leasesHeld = 'LEASES_HELD';

/** `{situation: state}` for the cells of the lifecycle in which a lease that runs out changes something. */
const expiring = Object.fromEntries(
  Object.entries(supervisorLifecycle).flatMap(([situation, { expire }]) =>
    expire.kind === 'become' ? [[situation as SupervisorSituation, expire.state]] : [],
  ),
);

/**
 * Every replica may sweep (L4): a lease that another transaction is renewing, or that another sweep has taken, is
 * skipped, and one that is taken here is looked at again under its lock. Domains in which too many would expire at
 * once are held, and say so (L6). Where an operator releases a domain, that one is looked at and no other.
 */
const statement: Statement = {
  name: 'expire_leases',
  text: `
WITH moment AS (SELECT now() + $1::float8 * interval '1 millisecond' AS now),
share AS MATERIALIZED (
  SELECT s.domain_id, count(*)::int AS total, (count(*) FILTER (WHERE l.expires_at < m.now))::int AS expired
  FROM leases l
  JOIN supervisors s ON s.id = l.supervisor_id
  CROSS JOIN moment m
  WHERE $2::jsonb ? s.state::text AND $5::text IS NULL
  GROUP BY s.domain_id
),
held AS MATERIALIZED (
  SELECT * FROM share
  -- As decimals: a share as a binary fraction would be a little more or less than it says.
  WHERE total >= $3::int AND expired > $4::numeric * total
),
expired AS MATERIALIZED (
  SELECT l.supervisor_id
  FROM leases l
  JOIN supervisors s ON s.id = l.supervisor_id
  CROSS JOIN moment m
  WHERE l.expires_at < m.now AND $2::jsonb ? s.state::text
    AND s.domain_id = coalesce($5::text, s.domain_id)
    AND NOT EXISTS (SELECT FROM held h WHERE h.domain_id = s.domain_id)
  -- Both rows, or neither: a publish that has the supervisor may wait for the lease, so this must not wait for the
  -- supervisor.
  FOR UPDATE OF l SKIP LOCKED FOR NO KEY UPDATE OF s SKIP LOCKED
),
marked AS (
  UPDATE supervisors s SET
    state = ($2::jsonb ->> s.state::text)::supervisor_state,
    actor = $6::text,
    reason = '${supervisorReasons.expire}'
  FROM expired e
  WHERE s.id = e.supervisor_id AND $2::jsonb ? s.state::text
  RETURNING s.id
),
noted AS (
  INSERT INTO domain_conditions (domain_id, type, since, message)
  SELECT h.domain_id, '${leasesHeld}', m.now,
    format('the leases of %s of %s supervisors ran out together; they are not marked DISCONNECTED until fewer are missing, or an operator releases them', h.expired, h.total)
  FROM held h, moment m
  ON CONFLICT (domain_id, type) DO UPDATE SET message = excluded.message
  WHERE domain_conditions.message <> excluded.message
),
cleared AS (
  DELETE FROM domain_conditions c
  WHERE c.type = '${leasesHeld}' AND c.domain_id = coalesce($5::text, c.domain_id) AND NOT EXISTS (SELECT FROM held h WHERE h.domain_id = c.domain_id)
)
SELECT
  coalesce((SELECT array_agg(id) FROM marked), '{}') AS disconnected,
  coalesce((SELECT jsonb_agg(jsonb_build_object('domainId', domain_id, 'expired', expired, 'total', total)) FROM held), '[]') AS held`,
};

export interface ExpireOptions {
  clockOffsetMs: number;
  holdMinimum: number;
  holdShare: number;
  /** The only domain to look at, since an operator has said that its supervisors are not to be held. */
  released?: { domainId: string; actor: string };
}

export interface Expired {
  /** The ids of those that were marked DISCONNECTED. */
  disconnected: string[];
  /** L6: the domains in which none was, though so many of so many have run out. */
  held: { domainId: string; expired: number; total: number }[];
}

/** Marks those whose lease has run out, unless their domain is held. */
export async function expireLeases(sql: Sql, options: ExpireOptions): Promise<Expired> {
  const [row] = await sql.query<Expired>(statement, [
    options.clockOffsetMs,
    JSON.stringify(expiring),
    options.holdMinimum,
    options.holdShare,
    options.released?.domainId ?? null,
    options.released?.actor ?? systemSubject,
  ]);
  return row ?? { disconnected: [], held: [] };
}
