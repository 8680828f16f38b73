import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import {
  heldReason,
  type SupervisorOutcome,
  type SupervisorSituation,
  supervisorLifecycle,
  supervisorReasons,
} from '../../supervisor/lifecycle.ts';
import { stateChangeSet } from '../../supervisor/sql/flapping.ts';
import { withLeaseExpired, withoutLeaseExpired } from '../../supervisor/sql/leaseCondition.ts';

/** L6: the condition of a domain whose supervisors are held. */
const leasesHeld = 'LEASES_HELD';

const outcomes = Object.entries(supervisorLifecycle).map(
  ([situation, { expire }]): [SupervisorSituation, SupervisorOutcome] => [situation as SupervisorSituation, expire],
);

/** `{situation: state}` for the cells of the lifecycle in which a lease that runs out changes the state. */
const expiring = Object.fromEntries(
  outcomes.flatMap(([situation, outcome]) => (outcome.kind === 'become' ? [[situation, outcome.state]] : [])),
);

/** The situations in which a lease that runs out leaves the state, and sets a condition (L7). */
const noted = outcomes.flatMap(([situation, outcome]) =>
  outcome.kind === 'stay' && outcome.condition !== undefined ? [situation] : [],
);

/** L6: whether the supervisor (`s`) keeps its state though its lease ran out. A newcomer never does. */
const isHeld = `(s.registered_at IS NOT NULL AND EXISTS (SELECT FROM held h WHERE h.domain_id = s.domain_id))`;

/** Whether a lease that ran out changes the state of the supervisor (`s`). */
const losesState = `($2::jsonb ? s.state::text AND NOT ${isHeld})`;

/**
 * Every replica may sweep (L4): a lease that another transaction is renewing, or that another sweep has locked, is
 * skipped, and a lease that is locked here is checked again under its lock. Domains in which the leases of too many
 * registered supervisors would expire at once are held, with a condition that says so (L6). Where the state stays, a
 * condition of the supervisor says that it fell silent (L7). If an operator releases a domain, only those that were held
 * there are swept.
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
  WHERE $2::jsonb ? s.state::text AND s.registered_at IS NOT NULL AND $5::text IS NULL
  GROUP BY s.domain_id
),
held AS MATERIALIZED (
  SELECT * FROM share
  -- As decimals: a share as a binary fraction is slightly more or less than its decimal text.
  WHERE total >= $3::int AND expired > $4::numeric * total
),
expired AS MATERIALIZED (
  SELECT l.supervisor_id, l.expires_at, ${losesState} AS loses_state
  FROM leases l
  JOIN supervisors s ON s.id = l.supervisor_id
  CROSS JOIN moment m
  WHERE l.expires_at < m.now
    AND ($5::text IS NULL OR (s.domain_id = $5::text AND s.registered_at IS NOT NULL))
    AND CASE WHEN ${losesState} THEN true
      ELSE s.connected AND $5::text IS NULL AND ($2::jsonb ? s.state::text OR s.state::text = ANY($7::text[])) END
  -- Locks both rows or neither: a publish that has locked the supervisor may wait for the lease, so this must not wait
  -- for the supervisor.
  FOR UPDATE OF l SKIP LOCKED FOR NO KEY UPDATE OF s SKIP LOCKED
),
marked AS (
  UPDATE supervisors s SET
    ${stateChangeSet({
      state: 'CASE WHEN e.loses_state THEN ($2::jsonb ->> s.state::text)::supervisor_state ELSE s.state END',
      now: '(SELECT now FROM moment)',
      conditions: `CASE WHEN e.loses_state THEN ${withoutLeaseExpired('s.conditions')}
      ELSE ${withLeaseExpired('s.conditions', 'e.expires_at')} END`,
    })},
    actor = $6::text,
    reason = CASE WHEN e.loses_state OR s.state::text = ANY($7::text[]) THEN '${supervisorReasons.expire}' ELSE '${heldReason}' END
  FROM expired e
  WHERE s.id = e.supervisor_id
  RETURNING s.id, e.loses_state
),
noted AS (
  INSERT INTO domain_conditions (domain_id, type, since, message)
  SELECT h.domain_id, '${leasesHeld}', m.now,
    format('the leases of %s of %s registered supervisors ran out together; they are not marked DISCONNECTED until fewer are missing, or an operator releases them', h.expired, h.total)
  FROM held h, moment m
  ON CONFLICT (domain_id, type) DO UPDATE SET message = excluded.message
  WHERE domain_conditions.message <> excluded.message
),
cleared AS (
  DELETE FROM domain_conditions c
  WHERE c.type = '${leasesHeld}' AND c.domain_id = coalesce($5::text, c.domain_id) AND NOT EXISTS (SELECT FROM held h WHERE h.domain_id = c.domain_id)
)
SELECT
  coalesce((SELECT array_agg(id) FROM marked WHERE loses_state), '{}') AS disconnected,
  coalesce((SELECT jsonb_agg(jsonb_build_object('domainId', domain_id, 'expired', expired, 'total', total)) FROM held), '[]') AS held`,
};

/** The parameters of expiring leases. */
export interface ExpireOptions {
  clockOffsetMs: number;
  /**
   * L6: a domain is held if it has at least `holdMinimum` registered supervisors and more than `holdShare` of them would
   * expire.
   */
  holdMinimum: number;
  holdShare: number;
  /** The only domain to sweep, and its supervisors are not held: an operator has said that they are gone. */
  released?: { domainId: string; actor: string };
}

/** The result of expiring leases. */
export interface Expired {
  /** The ids of the supervisors that became DISCONNECTED. */
  disconnected: string[];
  /** L6: the held domains: how many of how many registered supervisors' leases have run out. */
  held: { domainId: string; expired: number; total: number }[];
}

/** Marks supervisors whose lease has run out as DISCONNECTED, unless they are held. */
export async function expireLeases(sql: Sql, options: ExpireOptions): Promise<Expired> {
  const [row] = await sql.query<Expired>(statement, [
    options.clockOffsetMs,
    JSON.stringify(expiring),
    options.holdMinimum,
    options.holdShare,
    options.released?.domainId ?? null,
    options.released?.actor ?? systemSubject,
    noted,
  ]);
  return row ?? { disconnected: [], held: [] };
}
