import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';
import { pluginReasons } from '../../../plugin/lifecycle.ts';
import { withdrawnSet } from '../../../plugin/sql/withdrawnSet.ts';

/** The `reason` of the supervisor's event where a drain ends by itself. */
const drainEndReasons = { drained: 'DRAINED', expired: 'DRAIN_DEADLINE_EXCEEDED' } as const;

/**
 * D1: a plugin that was moved counts for as long as a live agent's report has it, which its row tells: the row goes with
 * the first report that lacks it. A pinned plugin is not moved (M6). A drain past its deadline ends with the plugins that are left: replacements that are not ACTIVE yet are withdrawn.
 */
const statement: Statement = {
  name: 'end_drains',
  text: `
WITH draining AS MATERIALIZED (
  SELECT s.id, EXISTS (
    SELECT FROM plugins p
    WHERE p.supervisor_id = s.id AND p.managed
      AND CASE WHEN p.wanted THEN NOT p.pinned ELSE s.state <> 'DISCONNECTED' AND NOT p.unreported END) AS has_more
  FROM supervisors s
  WHERE s.drain_state = 'DRAINING'
  FOR NO KEY UPDATE SKIP LOCKED
),
ended AS (
  UPDATE supervisors s SET
    drain_state = CASE WHEN d.has_more THEN 'EXPIRED' ELSE 'DRAINED' END::drain_state,
    drain_ended_at = m.now,
    actor = '${systemSubject}',
    reason = CASE WHEN d.has_more THEN '${drainEndReasons.expired}' ELSE '${drainEndReasons.drained}' END
  FROM draining d, (SELECT now() + $1::float8 * interval '1 millisecond' AS now) m
  WHERE s.id = d.id AND s.drain_state = 'DRAINING' AND (NOT d.has_more OR s.drain_deadline_at < m.now)
  RETURNING s.id, s.drain_state
),
abandoned AS (
  UPDATE plugins n SET
    ${withdrawnSet(`'${pluginReasons.relocationAbandoned}'`, `'${systemSubject}'`)}
  FROM plugins o, ended e
  WHERE e.drain_state = 'EXPIRED' AND o.supervisor_id = e.id AND o.wanted AND n.replaces_id = o.id AND n.wanted
    AND n.state <> 'ACTIVE'
)
SELECT id, drain_state AS state FROM ended`,
};

/** Ends the drains that are done or past their deadline; returns the supervisors' ids, with the state of each drain. */
export function endDrains(sql: Sql, clockOffsetMs: number): Promise<{ id: string; state: 'DRAINED' | 'EXPIRED' }[]> {
  return sql.query<{ id: string; state: 'DRAINED' | 'EXPIRED' }>(statement, [clockOffsetMs]);
}
