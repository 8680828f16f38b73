import type { Sql, Statement } from '@muster/db';

/**
 * L5: time in which no replica swept counts for nobody. What had not run out when one last did gets the gap on top:
 * leases, and the deadlines of plugins, whose agents could not report either. What began within the gap, since an agent
 * came back or an operator recovered something before the first sweep, gets no more than is left of it. Replicas that
 * come back together take turns at the row, and only the first finds a gap.
 */
const statement: Statement = {
  name: 'excuse_downtime',
  text: `
WITH last AS MATERIALIZED (
  SELECT last_sweep_at, now() + $1::float8 * interval '1 millisecond' AS now FROM control_plane
  -- Says to the planner that it is one row: of many, the statement would be worth compiling, which takes seconds.
  WHERE id = 1
  FOR UPDATE
),
gap AS MATERIALIZED (
  SELECT last_sweep_at, now, now - last_sweep_at AS length FROM last
  WHERE now - last_sweep_at > $2::float8 * interval '1 millisecond'
),
-- In the order in which publishes take them, since agents come back just now.
running AS MATERIALIZED (
  SELECT l.supervisor_id FROM leases l JOIN supervisors s ON s.id = l.supervisor_id, gap
  -- For how long one has been DISCONNECTED is told by its lease, and is not to grow meanwhile either.
  WHERE l.expires_at >= gap.last_sweep_at OR s.state = 'DISCONNECTED'
  ORDER BY l.supervisor_id
  FOR NO KEY UPDATE OF l
),
leases_extended AS (
  UPDATE leases l SET
    expires_at = l.expires_at + greatest(gap.now - greatest(gap.last_sweep_at, l.last_seen_at), interval '0')
  FROM gap, running r
  WHERE l.supervisor_id = r.supervisor_id
),
deadlines_extended AS (
  UPDATE plugins p SET
    deadline_at = least(p.deadline_at + gap.length,
      greatest(p.deadline_at, gap.now + $3::float8 * interval '1 millisecond'))
  FROM gap WHERE p.deadline_at >= gap.last_sweep_at
),
steps_extended AS (
  UPDATE rollout_steps t SET deadline_at = t.deadline_at + gap.length
  FROM gap WHERE t.deadline_at >= gap.last_sweep_at
),
swept AS (
  UPDATE control_plane SET last_sweep_at = greatest(control_plane.last_sweep_at, last.now) FROM last
)
SELECT extract(epoch FROM length)::float8 * 1000 AS "gapMs" FROM gap`,
};

/**
 * Says that this replica sweeps now; returns the milliseconds that were excused, 0 where there was no gap. `deadlineMs`
 * is what a plugin that begins now gets.
 */
export async function excuseDowntime(
  sql: Sql,
  clockOffsetMs: number,
  longestPauseMs: number,
  deadlineMs: number,
): Promise<number> {
  const [gap] = await sql.query<{ gapMs: number }>(statement, [clockOffsetMs, longestPauseMs, deadlineMs]);
  return gap?.gapMs ?? 0;
}
