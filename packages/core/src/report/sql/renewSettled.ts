import { randomBytes } from 'node:crypto';
import type { Sql, Statement } from '@muster/db';
import { hostnameKeySql } from '../../base/hostname.ts';
import type { SupervisorRow } from '../../base/rows.ts';
import { isBlockedSql } from '../../block/sql/isBlocked.ts';
import { isWrongSecret, takesSecret } from '../../identity/sql/secret.ts';
import { carriesDuplicate } from './duplicateAgent.ts';
import { proposesChange } from './proposedFields.ts';
import { type ReportRow, reportColumns } from './reportRow.ts';
import { isStale } from './sequence.ts';
import { allVersions, rowVersion, versionsText } from './settled.ts';

/** The report, and the versions of its supervisor's plugins, as one text. */
const reportText = `r."digest" || ${versionsText(`(
      SELECT ${allVersions(rowVersion)} FROM plugins p WHERE p.supervisor_id = r.known_id)`)}`;

/**
 * Renews the leases of reports that change nothing else, as the statement of all reports would (publishReports.ts), and
 * leaves the others. OFFSET and the arrays make the planner look rows up by their keys. A lease that another transaction
 * holds is left too, so that this waits for nobody.
 */
const statement: Statement = {
  name: 'renew_settled',
  text: `
WITH report AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(${reportColumns})
),
moment AS (SELECT now() + $2::float8 * interval '1 millisecond' AS now),
known AS MATERIALIZED (
  SELECT r.*, s.id AS known_id, to_jsonb(s) - 'secret_hash' AS supervisor
  FROM report r
  CROSS JOIN LATERAL (
    SELECT o.* FROM supervisors o
    WHERE o.domain_id = r."domainId" AND ${hostnameKeySql('o.hostname')} = ${hostnameKeySql('r."hostname"')}
    OFFSET 0) s
  WHERE s.connected
    AND NOT s.awaits_first_publish
    AND NOT ${carriesDuplicate}
    AND NOT ${takesSecret}
    AND (${proposesChange}) IS NOT TRUE
    AND NOT ${isWrongSecret('r."secretDigest"', '$3::bytea')}
    AND NOT ${isBlockedSql('r."domainId"', 'r."hostname"')}
),
held AS MATERIALIZED (
  SELECT r.*
  FROM known r
  JOIN leases l ON l.supervisor_id = r.known_id
  WHERE l.supervisor_id = ANY(ARRAY(SELECT known_id FROM known))
    -- S8: a run that begins, or comes back, may be another agent.
    AND (r."bootId" IS NULL OR coalesce(r."bootId" = l.boot_id, false))
    AND NOT ${isStale}
    AND (NOT r."hasPlugins" OR (starts_with(l.settled_report, r."digest") AND l.settled_report = ${reportText}))
  FOR NO KEY UPDATE OF l SKIP LOCKED
),
renewed AS (
  UPDATE leases l SET
    expires_at = m.now + r."leaseMs" * interval '1 millisecond',
    last_seen_at = m.now,
    sequence = coalesce(r."sequence", l.sequence),
    unpublished_lists = 0,
    unpublished_since = NULL
  FROM held r, moment m
  WHERE l.supervisor_id = r.known_id AND l.supervisor_id = ANY(ARRAY(SELECT known_id FROM held))
  RETURNING r."index", r.supervisor
)
SELECT "index", supervisor FROM renewed`,
};

/** A report that was answered by its supervisor's lease alone. */
export interface RenewedReport {
  /** The index of the report. */
  readonly index: number;
  readonly supervisor: SupervisorRow;
}

/** Takes the reports, of different supervisors, that change nothing (L2); the others are not taken, and get no answer. */
export function renewSettled(sql: Sql, reports: readonly ReportRow[], clockOffsetMs: number): Promise<RenewedReport[]> {
  return sql.query<RenewedReport>(statement, [JSON.stringify(reports), clockOffsetMs, randomBytes(32)]);
}
