import type { DrainState, Sql, Statement } from '@muster/db';
import type { SupervisorRow } from '../../../base/rows.ts';

/** A change of a supervisor's cordon or drain. */
export interface CordonChange {
  id: string;
  domainId: string;
  /** The state that the change was decided for; nothing is written if the supervisor has another by now. */
  seen: { cordoned: boolean; drainState: DrainState | null };
  cordoned: boolean;
  /** START begins a drain, CLEAR forgets the last drain, KEEP leaves it. */
  drain: 'START' | 'CLEAR' | 'KEEP';
  /** The time from now to the deadline of a drain that begins. */
  drainMs: number;
  clockOffsetMs: number;
  actor: string;
  reason: string;
}

const statement: Statement = {
  name: 'change_cordon',
  text: `
UPDATE supervisors s SET
  cordoned = $4::boolean,
  drain_state = CASE $5::text WHEN 'START' THEN 'DRAINING'::drain_state WHEN 'KEEP' THEN s.drain_state END,
  drain_started_at = CASE $5::text WHEN 'START' THEN m.now WHEN 'KEEP' THEN s.drain_started_at END,
  drain_deadline_at = CASE $5::text
    WHEN 'START' THEN m.now + $6::float8 * interval '1 millisecond' WHEN 'KEEP' THEN s.drain_deadline_at END,
  drain_ended_at = CASE $5::text WHEN 'KEEP' THEN s.drain_ended_at END,
  actor = $8::text,
  reason = $9::text
FROM (SELECT now() + $7::float8 * interval '1 millisecond' AS now) m
WHERE s.id = $1::text AND s.domain_id = $10::text AND s.cordoned = $2::boolean AND s.drain_state IS NOT DISTINCT FROM $3::drain_state
RETURNING to_jsonb(s) - 'secret_hash' AS row`,
};

/** Writes a change; undefined where the supervisor has changed since it was decided. */
export async function changeCordon(sql: Sql, change: CordonChange): Promise<SupervisorRow | undefined> {
  const [answer] = await sql.query<{ row: SupervisorRow }>(statement, [
    change.id,
    change.seen.cordoned,
    change.seen.drainState,
    change.cordoned,
    change.drain,
    change.drainMs,
    change.clockOffsetMs,
    change.actor,
    change.reason,
    change.domainId,
  ]);
  return answer?.row;
}
