import type { Sql, Statement } from '@muster/db';
import { endedStates } from '../rolloutLifecycle.ts';
import type { RolloutPlan } from '../rolloutSituation.ts';
import type { LockedRollout } from './lockRollout.ts';

const statement: Statement = {
  name: 'set_rollout_state',
  text: `
UPDATE rollouts r SET
  state = $2::text::rollout_state,
  message = $3::text,
  accepted_failures = $4::int,
  promoted_at = CASE WHEN $5::boolean THEN m.now ELSE r.promoted_at END,
  deadline_at = CASE WHEN $6::boolean THEN m.now + r.deadline_seconds * interval '1 second' ELSE r.deadline_at END,
  ended_at = CASE WHEN $2::text = ANY($7::text[]) THEN m.now END,
  promotable_since = CASE WHEN $2::text = 'AWAITING_PROMOTION' THEN m.now ELSE r.promotable_since END,
  rollback_deadline_at = CASE WHEN $2::text = 'ROLLING_BACK'
    THEN m.now + r.healthy_deadline_seconds * interval '1 second' ELSE r.rollback_deadline_at END
FROM (SELECT now() + $8::float8 * interval '1 millisecond' AS now) m
WHERE r.id = $1::text`,
};

/** Sets the state of a rollout, and the times that begin or end with it. */
export async function setRolloutState(
  sql: Sql,
  rollout: LockedRollout,
  to: RolloutPlan,
  clockOffsetMs: number,
): Promise<void> {
  await sql.query(statement, [
    rollout.id,
    to.state,
    to.message,
    to.acceptedFailures ?? rollout.acceptedFailures,
    to.promotes ?? false,
    to.renewsDeadline ?? false,
    endedStates,
    clockOffsetMs,
  ]);
}
