import { hostnameKeySql } from '../../base/hostname.ts';
import { isWrongSecret, secretHash, takesSecret } from '../../identity/sql/secret.ts';
import { supervisorReasons } from '../../supervisor/lifecycle.ts';
import { stateChangeSet } from '../../supervisor/sql/flapping.ts';
import { withoutLeaseExpired } from '../../supervisor/sql/leaseCondition.ts';
import { changesDuplicate, conditionsAfter, isDuplicate, isQuiet, isReplacedRun } from './duplicateAgent.ts';
import { parameters } from './parameters.ts';
import { proposedSet, proposesChange } from './proposedFields.ts';
import { hashSql, isWithinLease, withReplaced } from './replaced.ts';
import { isStale } from './sequence.ts';

/** The reports of supervisors that exist, accepted or not (S5, S6, S12). */
export const existing = `existing AS MATERIALIZED (
  SELECT
    r.*,
    s.id AS existing_id,
    CASE
      WHEN r.is_blocked THEN 'BLOCKED'
      WHEN ${isWrongSecret('r."secretDigest"', parameters.nonce)} THEN 'WRONG_SECRET'
      WHEN ${isStale} THEN 'STALE'
      ELSE 'ACCEPTED'
    END AS status,
    ${isReplacedRun} AS is_replaced_run,
    ${isQuiet} AS is_quiet
  FROM report r
  JOIN supervisors s ON s.domain_id = r."domainId" AND ${hostnameKeySql('s.hostname')} = ${hostnameKeySql('r."hostname"')}
  LEFT JOIN leases l ON l.supervisor_id = s.id
  CROSS JOIN moment m
)`;

/** Those that are accepted, with whether a second agent sent them (S8). */
export const accepted = `accepted AS MATERIALIZED (
  SELECT r.*, ${isDuplicate} AS is_duplicate
  FROM existing r
  WHERE r.status = 'ACCEPTED'
)`;

/** The newcomers. None is created for a report that another statement has created a supervisor for meanwhile. */
export const created = `created AS (
  INSERT INTO supervisors (id, domain_id, hostname, name, state, is_public, labels, tags, secret_hash, actor, reason)
  SELECT r."supervisorId", r."domainId", r."hostname", r."name",
    (${parameters.publishOutcomes} #>> '{UNKNOWN,state}')::supervisor_state,
    coalesce(r."isPublic", false), coalesce(r."labels", '{}'), coalesce(r."tags", '{}'),
    ${secretHash('r')}, r."actor", '${supervisorReasons.publish}'
  FROM arriving r
  WHERE r.fits
  ORDER BY r."domainId", ${hostnameKeySql('r."hostname"')}
  ON CONFLICT DO NOTHING
  RETURNING *
)`;

/** The state of the supervisor (`s`) after a publish. */
const stateAfter = `coalesce((${parameters.publishOutcomes} -> (CASE WHEN s.state <> 'DISCONNECTED' THEN s.state::text
      WHEN s.registered_at IS NULL THEN 'DISCONNECTED_NEWCOMER' ELSE 'DISCONNECTED_REGISTERED' END)
      ->> 'state')::supervisor_state, s.state)`;

/** The supervisors to which a report makes a difference (S3, S6, S8, and coming back from silence, L7). */
export const changed = `changed AS (
  UPDATE supervisors s SET
    ${stateChangeSet({
      state: stateAfter,
      now: '(SELECT now FROM moment)',
      conditions: withoutLeaseExpired(`(${conditionsAfter})`),
    })},
    ${proposedSet},
    secret_hash = CASE WHEN ${takesSecret} THEN ${secretHash('r')} ELSE s.secret_hash END,
    secret_open = s.secret_open AND NOT ${takesSecret},
    awaits_first_publish = false,
    actor = r."actor",
    reason = '${supervisorReasons.publish}'
  FROM accepted r
  WHERE s.id = r.existing_id AND (
    NOT s.connected
    OR s.awaits_first_publish
    OR ${takesSecret}
    OR ${changesDuplicate}
    OR ${proposesChange})
  RETURNING s.*
)`;

/** The supervisors whose reports count: those that existed, and newcomers. */
export const reporters = `reporter AS MATERIALIZED (
  SELECT r."index", r.existing_id AS id, r."actor", r."hasPlugins", r."leaseMs", r."domainId", r."bootId", r."sequence",
    r."digest", r.is_duplicate
  FROM accepted r
  UNION ALL
  SELECT r."index", c.id, r."actor", r."hasPlugins", r."leaseMs", r."domainId", r."bootId", r."sequence", r."digest", false
  FROM created c JOIN report r ON r."supervisorId" = c.id
)`;

/** S8: whether another run of the agent takes the place of the one that the lease has. */
const isNextRun = '(excluded.boot_id <> leases.boot_id)';

/** L1, L2, S8, S12: the leases. */
export const renewed = `renewed AS (
  INSERT INTO leases (supervisor_id, expires_at, last_seen_at, boot_id, sequence, duplicate_seen_at, settled_report)
  SELECT r.id, m.now + r."leaseMs" * interval '1 millisecond', m.now, r."bootId", r."sequence",
    CASE WHEN r.is_duplicate THEN m.now END, t.report
  FROM reporter r
  LEFT JOIN settled t ON t."index" = r."index"
  CROSS JOIN moment m
  ORDER BY r.id
  ON CONFLICT (supervisor_id) DO UPDATE SET
    expires_at = excluded.expires_at,
    last_seen_at = excluded.last_seen_at,
    boot_id = coalesce(excluded.boot_id, leases.boot_id),
    sequence = CASE WHEN ${isNextRun} THEN excluded.sequence ELSE coalesce(excluded.sequence, leases.sequence) END,
    previous_sequence = CASE WHEN ${isNextRun} THEN leases.sequence ELSE leases.previous_sequence END,
    replaced_runs = CASE WHEN ${isNextRun} THEN ${withReplaced(
      `array_remove(leases.replaced_runs, ${hashSql('leases.boot_id')})`,
      'leases.boot_id',
      isWithinLease('leases.run_replaced_at', 'excluded.last_seen_at', '(excluded.expires_at - excluded.last_seen_at)'),
    )} ELSE leases.replaced_runs END,
    run_replaced_at = CASE WHEN ${isNextRun} THEN excluded.last_seen_at ELSE leases.run_replaced_at END,
    duplicate_seen_at = coalesce(excluded.duplicate_seen_at, leases.duplicate_seen_at),
    settled_report = coalesce(excluded.settled_report, leases.settled_report),
    unpublished_lists = 0,
    unpublished_since = NULL
)`;
