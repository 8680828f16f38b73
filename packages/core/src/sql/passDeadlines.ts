import type { PluginState, Sql, Statement } from '@muster/db';
import { systemSubject } from '../access/viewer.ts';
import { pluginLifecycle, statesWithDeadline } from '../plugin/lifecycle.ts';

const overdue = Object.fromEntries(
  statesWithDeadline.map((state: PluginState) => [state, pluginLifecycle[state].deadlinePasses]),
);

/** P5. One statement, safe to run in several places at once: a row that another transaction holds is skipped. */
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
  actor = '${systemSubject}'
FROM passed
WHERE p.id = passed.id AND p.deadline_at IS NOT NULL
RETURNING p.id`,
};

/** Turns plugins that were being provisioned for too long to ERROR; returns their ids. */
export async function passDeadlines(sql: Sql, clockOffsetMs: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(statement, [clockOffsetMs, JSON.stringify(overdue)]);
  return rows.map((row) => row.id);
}
