import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';

/** The `reason` of the supervisor's event where its turn to be drained has come. */
const turnReason = 'DRAIN_BEGUN';

/**
 * D4. Replicas that ask at once choose the same supervisors, and the later one finds them begun: no group has more drains
 * under way than it may.
 */
const statement: Statement = {
  name: 'begin_queued_drains',
  text: `
WITH queued AS MATERIALIZED (
  SELECT s.id,
    row_number() OVER (PARTITION BY s.drain_group ORDER BY s.id) AS place,
    s.drain_max_parallel - (
      SELECT count(*) FROM supervisors d WHERE d.drain_state = 'DRAINING' AND d.drain_group = s.drain_group) AS room
  FROM supervisors s
  WHERE s.drain_state = 'QUEUED'
)
UPDATE supervisors s SET
  drain_state = 'DRAINING',
  drain_started_at = m.now,
  drain_deadline_at = m.now + s.drain_seconds * interval '1 second',
  actor = '${systemSubject}',
  reason = '${turnReason}'
FROM queued q, (SELECT now() + $1::float8 * interval '1 millisecond' AS now) m
WHERE s.id = q.id AND q.place <= q.room AND s.drain_state = 'QUEUED'`,
};

/** Begins the drains whose turn has come. */
export async function beginQueuedDrains(sql: Sql, clockOffsetMs: number): Promise<void> {
  await sql.query(statement, [clockOffsetMs]);
}
