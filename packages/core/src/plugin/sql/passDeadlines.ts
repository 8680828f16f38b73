import type { PluginState, Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { pluginLifecycle, statesWithDeadline } from '../lifecycle.ts';

/** Bounds the exponent: a budget may be large, and PostgreSQL can't compute 2^1024. */
const mostDoublings = 30;

const overdue = Object.fromEntries(
  statesWithDeadline.map((state: PluginState) => [state, pluginLifecycle[state].deadlinePasses]),
);

/**
 * P5. Safe on several replicas at once: a row that another transaction holds is skipped. A managed plugin, and an
 * unmanaged plugin that was to be recovered, get a next attempt while the budget lasts, after a pause that doubles with
 * each.
 */
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
  next_attempt_at = CASE
    WHEN p.wanted AND p.attempt < $3::int
      AND (p.managed OR p.state = 'RE_PROVISIONING' OR p.generation > p.observed_generation)
    THEN now() + ($1::float8 + least($4::float8 * 2 ^ least(p.attempt - 1, ${mostDoublings}), $5::float8)) * interval '1 millisecond'
  END,
  actor = '${systemSubject}'
FROM passed
WHERE p.id = passed.id AND p.deadline_at IS NOT NULL
RETURNING p.id`,
};

/** How often a plugin is attempted again, and after which pauses. */
export interface AttemptPolicy {
  restartBudget: number;
  backoffMs: number;
  longestBackoffMs: number;
}

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
