import type { Sql, Statement } from '@muster/db';

/**
 * Deletes the oldest events, and records the new bound in the same transaction, so that nobody resumes across the gap
 * (E3). Replicas may trim at the same time: rows that one has locked are skipped by the others.
 */
const statement: Statement = {
  name: 'trim_events',
  text: `
WITH old AS MATERIALIZED (
  SELECT seq FROM events
  WHERE seq <= (
    SELECT max(seq) FROM (SELECT seq, at FROM events ORDER BY seq LIMIT $3::int) AS oldest
    WHERE at < now() + ($2::float8 - $1::float8) * interval '1 millisecond')
  ORDER BY seq
  FOR UPDATE SKIP LOCKED
),
deleted AS (
  DELETE FROM events e USING old WHERE e.seq = old.seq RETURNING e.seq
),
marked AS (
  UPDATE event_log SET trimmed_through = greatest(trimmed_through, (SELECT max(seq) FROM deleted))
  WHERE EXISTS (SELECT FROM deleted)
)
SELECT count(*)::int AS count FROM deleted`,
};

/** Deletes up to `batch` events older than `retentionMs`; returns how many. */
export async function trimEvents(sql: Sql, retentionMs: number, clockOffsetMs: number, batch: number): Promise<number> {
  const [row] = await sql.query<{ count: number }>(statement, [retentionMs, clockOffsetMs, batch]);
  return row?.count ?? 0;
}
