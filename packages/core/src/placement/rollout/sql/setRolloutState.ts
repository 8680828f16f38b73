import type { RolloutState, Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'set_rollout_state',
  text: `
UPDATE rollouts SET
  state = $2::rollout_state,
  message = coalesce($3::text, message),
  ended_at = CASE WHEN $2::rollout_state IN ('COMPLETED', 'ROLLED_BACK') THEN now() + $4::float8 * interval '1 millisecond' END
WHERE id = $1::text AND ended_at IS NULL`,
};

/** Sets the state of a rollout; `message` is the reason, null to keep the last. */
export async function setRolloutState(
  sql: Sql,
  id: string,
  to: { state: RolloutState; message: string | null },
  clockOffsetMs: number,
): Promise<void> {
  await sql.query(statement, [id, to.state, to.message, clockOffsetMs]);
}
