import type { PluginState, Sql, Statement } from '@muster/db';
import type { Scope } from '../../access/policy.ts';
import type { PluginRow } from '../../base/rows.ts';

export interface PluginRecovery {
  id: string;
  scope: Scope;
  /** The state and generation in which the plugin was seen; a change meanwhile makes this one do nothing. */
  seen: { state: PluginState; generation: number };
  state: PluginState;
  reason: string | null;
  deadlineMs: number;
  clockOffsetMs: number;
  actor: string;
}

/** P2: a new wish. The supervisor must still be ENABLED when it is made. */
const statement: Statement = {
  name: 'recover_plugin',
  text: `
UPDATE plugins p SET
  generation = p.generation + 1,
  state = $4::plugin_state,
  reason = $5::text,
  deadline_at = now() + ($6::float8 + $7::float8) * interval '1 millisecond',
  attempt = 1,
  next_attempt_at = NULL,
  missing_reports = 0,
  missing_since = NULL,
  actor = $8::text
FROM supervisors s
WHERE p.id = $1::text AND p.state = $2::plugin_state AND p.generation = $3::int
  AND s.id = p.supervisor_id AND s.state = 'ENABLED'
  AND ($9::text IS NULL OR p.domain_id = $9::text)
RETURNING to_jsonb(p) AS row`,
};

export async function recoverPlugin(sql: Sql, recovery: PluginRecovery): Promise<PluginRow | undefined> {
  const [answer] = await sql.query<{ row: PluginRow }>(statement, [
    recovery.id,
    recovery.seen.state,
    recovery.seen.generation,
    recovery.state,
    recovery.reason,
    recovery.deadlineMs,
    recovery.clockOffsetMs,
    recovery.actor,
    recovery.scope.domainId,
  ]);
  return answer?.row;
}
