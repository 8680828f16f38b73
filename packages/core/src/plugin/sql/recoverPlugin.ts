import type { PluginState, Sql, Statement } from '@muster/db';
import type { Scope } from '../../access/policy.ts';
import type { PluginRow } from '../../base/rows.ts';

/** A recovery of a plugin. */
export interface PluginRecovery {
  id: string;
  scope: Scope;
  /** The state and generation that the recovery was decided for; nothing is written if the plugin has others by now. */
  seen: { state: PluginState; generation: number };
  state: PluginState;
  reason: string | null;
  deadlineMs: number;
  clockOffsetMs: number;
  actor: string;
}

/** P2. The supervisor must still be ENABLED. */
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

/** Starts a new generation of a plugin; undefined where plugin or supervisor have changed since it was decided. */
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
