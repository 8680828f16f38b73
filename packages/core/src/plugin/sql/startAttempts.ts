import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { pluginLifecycle, pluginReasons } from '../lifecycle.ts';

/** P5: a further attempt is a recover by the control plane itself, with the same outcome. */
const retried = pluginLifecycle.ERROR.recover;

const statement: Statement = {
  name: 'start_attempts',
  text: `
WITH due AS MATERIALIZED (
  SELECT p.id FROM plugins p
  JOIN supervisors s ON s.id = p.supervisor_id
  WHERE p.next_attempt_at <= now() + $1::float8 * interval '1 millisecond' AND p.state = 'ERROR' AND p.wanted
    AND s.state = 'ENABLED'
  FOR UPDATE OF p SKIP LOCKED
)
UPDATE plugins p SET
  state = $2::text::plugin_state,
  reason = '${pluginReasons.retried}',
  generation = p.generation + 1,
  attempt = p.attempt + 1,
  next_attempt_at = NULL,
  missing_reports = 0,
  missing_since = NULL,
  deadline_at = now() + ($1::float8 + $3::float8) * interval '1 millisecond',
  actor = '${systemSubject}'
FROM due
WHERE p.id = due.id AND p.next_attempt_at IS NOT NULL
RETURNING p.id`,
};

/** Starts the attempts that are due; returns the plugins' ids. */
export async function startAttempts(sql: Sql, clockOffsetMs: number, deadlineMs: number): Promise<string[]> {
  if (retried.kind !== 'become') throw new Error('the lifecycle has no recovery from ERROR');
  const rows = await sql.query<{ id: string }>(statement, [clockOffsetMs, retried.state, deadlineMs]);
  return rows.map((row) => row.id);
}
