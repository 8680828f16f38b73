import type { PluginState, Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { pluginLifecycle, statesWithDeadline } from '../lifecycle.ts';
import { type AttemptPolicy, isAttemptedAgain, nextAttemptAt } from './nextAttempt.ts';

const overdue = Object.fromEntries(
  statesWithDeadline.map((state: PluginState) => [state, pluginLifecycle[state].deadlinePasses]),
);

const policyParameters = { restartBudget: '$3::int', backoffMs: '$4::float8', longestBackoffMs: '$5::float8' };

/** P5. Safe on several replicas at once: a row that another transaction holds is skipped. */
const statement: Statement = {
  name: 'pass_deadlines',
  text: `
WITH passed AS MATERIALIZED (
  SELECT p.id FROM plugins p
  WHERE p.deadline_at < now() + $1::float8 * interval '1 millisecond'
  FOR UPDATE SKIP LOCKED
)
UPDATE plugins p SET
  state = ($2::jsonb #>> ARRAY[p.state::text, 'state'])::plugin_state,
  reason = $2::jsonb #>> ARRAY[p.state::text, 'reason'],
  deadline_at = NULL,
  next_attempt_at = CASE WHEN ${isAttemptedAgain(policyParameters)}
    THEN ${nextAttemptAt("now() + $1::float8 * interval '1 millisecond'", policyParameters)} END,
  actor = '${systemSubject}'
FROM passed
WHERE p.id = passed.id AND p.deadline_at IS NOT NULL
RETURNING p.id`,
};

/** Sets plugins whose deadline has passed to ERROR; returns their ids. */
export async function passDeadlines(sql: Sql, clockOffsetMs: number, policy: AttemptPolicy): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(statement, [
    clockOffsetMs,
    JSON.stringify(overdue),
    policy.restartBudget,
    policy.backoffMs,
    policy.longestBackoffMs,
  ]);
  return rows.map((row) => row.id);
}
