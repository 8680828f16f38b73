import type { RolloutStepState, Sql, Statement } from '@muster/db';

/** The next state of a step. */
export interface RolloutStepChange {
  rolloutId: string;
  supervisorId: string;
  state: RolloutStepState;
  message: string | null;
  /** The time from now to the deadline of a step that installs. */
  deadlineMs: number;
  clockOffsetMs: number;
}

const statement: Statement = {
  name: 'set_rollout_step_state',
  text: `
UPDATE rollout_steps SET
  state = $3::rollout_step_state,
  message = $4::text,
  deadline_at = CASE WHEN $3::rollout_step_state = 'INSTALLING'
    THEN now() + ($5::float8 + $6::float8) * interval '1 millisecond' END
WHERE rollout_id = $1::text AND supervisor_id = $2::text`,
};

/** Sets the state of a rollout's step. */
export async function setRolloutStepState(sql: Sql, change: RolloutStepChange): Promise<void> {
  const { rolloutId, supervisorId, state, message, deadlineMs, clockOffsetMs } = change;
  await sql.query(statement, [rolloutId, supervisorId, state, message, deadlineMs, clockOffsetMs]);
}
