import type { Sql, Statement, Supervisor } from '@muster/db';
import type { SupervisorRow } from '../../../base/rows.ts';

/** The change of a drain: START, or QUEUE until its turn comes; EXTEND sets its deadline anew; CLEAR forgets it. */
export type DrainChange = 'START' | 'QUEUE' | 'EXTEND' | 'CLEAR' | 'KEEP';

/** When drains that are asked for together have their turns (D4). */
export interface DrainGroup {
  /** Tells groups apart. */
  readonly id: string;
  /** How many drains of the group may be under way. */
  readonly maxParallel: number;
}

/** A change of a supervisor's cordon or drain. */
export interface CordonChange {
  id: string;
  domainId: string;
  /** The state that the change was decided for; nothing is written if the supervisor has another by now. */
  seen: Pick<Supervisor, 'cordoned' | 'drainState' | 'drainKeepsCordon'>;
  cordoned: boolean;
  drain: DrainChange;
  /** D2: whether the supervisor stays cordoned when the drain is undone. */
  keepsCordon: boolean;
  /** The time in seconds from the beginning of the drain to its deadline. */
  drainSeconds: number;
  /** Only for QUEUE. */
  group: DrainGroup | null;
  clockOffsetMs: number;
  actor: string;
  reason: string;
}

const statement: Statement = {
  name: 'change_cordon',
  text: `
UPDATE supervisors s SET
  cordoned = $4::boolean,
  drain_state = CASE $5::text WHEN 'START' THEN 'DRAINING'::drain_state WHEN 'QUEUE' THEN 'QUEUED'::drain_state
    WHEN 'CLEAR' THEN NULL ELSE s.drain_state END,
  drain_started_at = CASE WHEN $5::text = 'START' THEN m.now WHEN $5::text IN ('KEEP', 'EXTEND') THEN s.drain_started_at END,
  drain_deadline_at = CASE WHEN $5::text IN ('START', 'EXTEND') THEN m.now + $6::int * interval '1 second'
    WHEN $5::text = 'KEEP' THEN s.drain_deadline_at END,
  drain_ended_at = CASE WHEN $5::text IN ('KEEP', 'EXTEND') THEN s.drain_ended_at END,
  drain_keeps_cordon = $11::boolean,
  drain_group = CASE WHEN $5::text = 'QUEUE' THEN $12::text WHEN $5::text IN ('KEEP', 'EXTEND') THEN s.drain_group END,
  drain_max_parallel = CASE WHEN $5::text = 'QUEUE' THEN $13::int WHEN $5::text IN ('KEEP', 'EXTEND') THEN s.drain_max_parallel END,
  drain_seconds = CASE WHEN $5::text = 'QUEUE' THEN $6::int WHEN $5::text IN ('KEEP', 'EXTEND') THEN s.drain_seconds END,
  actor = $8::text,
  reason = $9::text
FROM (SELECT now() + $7::float8 * interval '1 millisecond' AS now) m
WHERE s.id = $1::text AND s.domain_id = $10::text AND s.cordoned = $2::boolean
  AND s.drain_state IS NOT DISTINCT FROM $3::drain_state AND s.drain_keeps_cordon = $14::boolean
RETURNING to_jsonb(s) - 'secret_hash' AS row`,
};

/** Writes a change; undefined where the supervisor has changed since it was decided. */
export async function changeCordon(sql: Sql, change: CordonChange): Promise<SupervisorRow | undefined> {
  const { seen, group } = change;
  const [answer] = await sql.query<{ row: SupervisorRow }>(statement, [
    change.id,
    seen.cordoned,
    seen.drainState,
    change.cordoned,
    change.drain,
    change.drainSeconds,
    change.clockOffsetMs,
    change.actor,
    change.reason,
    change.domainId,
    change.keepsCordon,
    group?.id ?? null,
    group?.maxParallel ?? null,
    seen.drainKeepsCordon,
  ]);
  return answer?.row;
}
