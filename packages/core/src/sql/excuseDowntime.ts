import type { Sql, Statement } from '@muster/db';

/**
 * L5: time in which no replica swept counts for nobody. What had not run out when one last did gets the gap on top:
 * leases, and the deadlines of plugins, whose agents could not report either. Replicas that come back together take
 * turns at the row, and only the first finds a gap.
 */
const statement: Statement = {
  name: 'excuse_downtime',
  text: `
WITH last AS MATERIALIZED (
  SELECT last_sweep_at, now() + $1::float8 * interval '1 millisecond' AS now FROM control_plane FOR UPDATE
),
gap AS MATERIALIZED (
  SELECT last_sweep_at, now - last_sweep_at AS length FROM last
  WHERE now - last_sweep_at > $2::float8 * interval '1 millisecond'
),
leases_extended AS (
  UPDATE leases l SET expires_at = l.expires_at + gap.length FROM gap WHERE l.expires_at >= gap.last_sweep_at
),
deadlines_extended AS (
  UPDATE plugins p SET deadline_at = p.deadline_at + gap.length FROM gap WHERE p.deadline_at >= gap.last_sweep_at
),
swept AS (
  UPDATE control_plane SET last_sweep_at = greatest(control_plane.last_sweep_at, last.now) FROM last
)
SELECT extract(epoch FROM length)::float8 * 1000 AS "gapMs" FROM gap`,
};

/** Says that this replica sweeps now; returns the milliseconds that were excused, 0 where there was no gap. */
export async function excuseDowntime(sql: Sql, clockOffsetMs: number, longestPauseMs: number): Promise<number> {
  const [gap] = await sql.query<{ gapMs: number }>(statement, [clockOffsetMs, longestPauseMs]);
  return gap?.gapMs ?? 0;
}
