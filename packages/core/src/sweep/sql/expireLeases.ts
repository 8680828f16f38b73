import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { type SupervisorSituation, supervisorLifecycle, supervisorReasons } from '../../supervisor/lifecycle.ts';

/** L6: the condition of a domain whose supervisors are held. */
const leasesHeld = 'LEASES_HELD';

/** `{situation: state}` for the cells of the lifecycle in which a lease that runs out changes something. */
const expiring = Object.fromEntries(
  Object.entries(supervisorLifecycle).flatMap(([situation, { expire }]) =>
    expire.kind === 'become' ? [[situation as SupervisorSituation, expire.state]] : [],
  ),
);

/**
 * Every replica may sweep (L4): a lease that another transaction is renewing, or that another sweep has locked, is
 * skipped, and a lease that is locked here is checked again under its lock. Domains in which too many leases would
 * expire at once are held, with a condition that says so (L6). If an operator releases a domain, only that domain is
 * swept.
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
  -- As decimals: a share as a binary fraction is slightly more or less than its decimal text.
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
  -- Locks both rows or neither: a publish that has locked the supervisor may wait for the lease, so this must not wait
  -- for the supervisor.
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

/** The parameters of expiring leases. */
export interface ExpireOptions {
  clockOffsetMs: number;
  /** L6: a domain is held if it has at least `holdMinimum` supervisors and more than `holdShare` of them would expire. */
  holdMinimum: number;
  holdShare: number;
  /** The only domain to sweep, and its supervisors are not held: an operator has said that they are gone. */
  released?: { domainId: string; actor: string };
}

/** The result of expiring leases. */
export interface Expired {
  /** The ids of the supervisors that became DISCONNECTED. */
  disconnected: string[];
  /** L6: the held domains: how many of how many leases have run out. */
  held: { domainId: string; expired: number; total: number }[];
}

/** Marks supervisors whose lease has run out as DISCONNECTED, unless their domain is held. */
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
