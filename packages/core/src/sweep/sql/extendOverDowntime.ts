import type { Sql, Statement } from '@muster/db';

/**
 * L5: time in which no replica swept counts for nobody. Leases, and the deadlines of plugins, rollouts and their steps, that had
 * not run out at the last sweep are extended by the downtime: agents could not report meanwhile. A lease or deadline
 * that began within the downtime (an agent came back, or an operator recovered a plugin, before this sweep) is extended
 * by no more than the rest of it. Replicas that come back together take turns at the row, and only the first finds a
 * downtime.
 */
const statement: Statement = {
  name: 'extend_over_downtime',
  text: `
WITH last AS MATERIALIZED (
  SELECT last_sweep_at, now() + $1::float8 * interval '1 millisecond' AS now FROM control_plane
  -- Tells the planner that this is one row: for many it would compile the statement, which takes seconds.
  WHERE id = 1
  FOR UPDATE
),
downtime AS MATERIALIZED (
  SELECT last_sweep_at, now, now - last_sweep_at AS length FROM last
  WHERE now - last_sweep_at > $2::float8 * interval '1 millisecond'
),
-- In the order in which publishes lock them, since agents come back just now.
running AS MATERIALIZED (
  SELECT l.supervisor_id FROM leases l JOIN supervisors s ON s.id = l.supervisor_id, downtime
  -- A lease also says since when its supervisor has been DISCONNECTED, which must not grow over the downtime either.
  WHERE (s.connected AND l.expires_at >= downtime.last_sweep_at) OR s.state = 'DISCONNECTED'
  ORDER BY l.supervisor_id
  FOR NO KEY UPDATE OF l
),
leases_extended AS (
  UPDATE leases l SET
    expires_at = l.expires_at + greatest(downtime.now - greatest(downtime.last_sweep_at, l.last_seen_at), interval '0')
  FROM downtime, running r
  WHERE l.supervisor_id = r.supervisor_id
),
deadlines_extended AS (
  UPDATE plugins p SET
    deadline_at = least(p.deadline_at + downtime.length,
      greatest(p.deadline_at, downtime.now + $3::float8 * interval '1 millisecond'))
  FROM downtime WHERE p.deadline_at >= downtime.last_sweep_at
),
steps_extended AS (
  UPDATE rollout_steps t SET
    deadline_at = t.deadline_at + downtime.length,
    healthy_since = t.healthy_since + downtime.length
  FROM downtime WHERE t.deadline_at >= downtime.last_sweep_at
),
rollouts_extended AS (
  UPDATE rollouts r SET
    deadline_at = CASE WHEN r.deadline_at >= downtime.last_sweep_at THEN r.deadline_at + downtime.length ELSE r.deadline_at END,
    rollback_deadline_at = CASE WHEN r.rollback_deadline_at >= downtime.last_sweep_at
      THEN r.rollback_deadline_at + downtime.length ELSE r.rollback_deadline_at END
  FROM downtime WHERE r.ended_at IS NULL
),
swept AS (
  UPDATE control_plane SET last_sweep_at = greatest(control_plane.last_sweep_at, last.now) FROM last
)
SELECT extract(epoch FROM length)::float8 * 1000 AS "excusedMs" FROM downtime`,
};

/** The parameters of a sweep's first statement. */
export interface DowntimeOptions {
  clockOffsetMs: number;
  /** A pause between two sweeps that is longer counts as downtime. */
  longestPauseMs: number;
  /** The deadline of a plugin that begins now. */
  deadlineMs: number;
}

/** Records that this replica sweeps now; returns the milliseconds that were excused, 0 without a downtime. */
export async function extendOverDowntime(sql: Sql, options: DowntimeOptions): Promise<number> {
  const { clockOffsetMs, longestPauseMs, deadlineMs } = options;
  const [downtime] = await sql.query<{ excusedMs: number }>(statement, [clockOffsetMs, longestPauseMs, deadlineMs]);
  return downtime?.excusedMs ?? 0;
}
