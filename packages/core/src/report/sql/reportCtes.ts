import { isBlockedSql } from '../../block/sql/isBlocked.ts';
import { parameters } from './parameters.ts';
import { overQuota, refusedPlugins } from './quotaCtes.ts';
import { reportColumns, reportedPluginColumns } from './reportRow.ts';

/** The reports. The lock timeout is set before any row is locked. */
export const reports = `report AS MATERIALIZED (
  SELECT r.*, ${isBlockedSql('r."domainId"', 'r."hostname"')} AS is_blocked
  FROM (SELECT set_config('lock_timeout', ${parameters.lockWaitMs}::text, true) AS done) patience,
  jsonb_to_recordset(${parameters.reports}) AS r(${reportColumns})
  WHERE patience.done IS NOT NULL
)`;

/** The plugins of all reports. */
export const reportedPlugins = `plugin_report AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(${parameters.plugins}) AS q(${reportedPluginColumns})
)`;

/** The time by which reports are judged. */
export const moment = `moment AS (SELECT now() + ${parameters.clockOffsetMs} * interval '1 millisecond' AS now)`;

/** The answer to each report. */
export const answers = `SELECT r."index",
  CASE
    WHEN r.is_blocked THEN 'BLOCKED'
    -- S12: answered as one that was taken, though it changes nothing.
    WHEN e.status = 'STALE' THEN 'ACCEPTED'
    WHEN e.status IS NOT NULL THEN e.status
    WHEN c.id IS NOT NULL THEN 'ACCEPTED'
    ELSE coalesce(${overQuota}, 'RACED')
  END AS status,
  ${refusedPlugins} AS "refusedPlugins",
  EXISTS (SELECT FROM settled t WHERE t."index" = r."index") AS settled,
  CASE WHEN (e.status IS NULL AND NOT r.is_blocked) OR e.status IN ('ACCEPTED', 'STALE') THEN coalesce(to_jsonb(u), to_jsonb(c), to_jsonb(s)) - 'secret_hash' END AS supervisor
FROM report r
LEFT JOIN existing e ON e."index" = r."index"
LEFT JOIN created c ON c.id = r."supervisorId"
LEFT JOIN changed u ON u.id = e.existing_id
LEFT JOIN supervisors s ON s.id = e.existing_id`;
