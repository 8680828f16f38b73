import type { RolloutStepState, Sql, Statement } from '@muster/db';

/** The next state of a step. */
export interface RolloutStepChange {
  rolloutId: string;
  supervisorId: string;
  state: RolloutStepState;
  message: string | null;
  clockOffsetMs: number;
}

/** A step that stays in its state keeps its deadline. A step that is restored has the deadline of going back (R6). */
const statement: Statement = {
  name: 'set_rollout_step_state',
  text: `
UPDATE rollout_steps t SET
  state = $3::text::rollout_step_state,
  message = $4::text,
  deadline_at = CASE
    WHEN t.state::text = $3::text THEN t.deadline_at
    WHEN $3::text = 'INSTALLING'
      THEN now() + $5::float8 * interval '1 millisecond' + r.healthy_deadline_seconds * interval '1 second'
    WHEN $3::text = 'REVERTING' THEN r.rollback_deadline_at
  END,
  healthy_since = CASE WHEN t.state::text = $3::text THEN t.healthy_since END,
  healthy_mark = CASE WHEN t.state::text = $3::text THEN t.healthy_mark END
FROM rollouts r
WHERE t.rollout_id = $1::text AND t.supervisor_id = $2::text AND r.id = t.rollout_id`,
};

/** Sets the state of a rollout's step. */
export async function setRolloutStepState(sql: Sql, change: RolloutStepChange): Promise<void> {
  const { rolloutId, supervisorId, state, message, clockOffsetMs } = change;
  await sql.query(statement, [rolloutId, supervisorId, state, message, clockOffsetMs]);
}
