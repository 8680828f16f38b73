import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';
import { pluginReasons } from '../../../plugin/lifecycle.ts';

const statement: Statement = {
  name: 'restart_relocations',
  text: `
UPDATE plugins n SET
  wanted = false,
  replaces_id = NULL,
  reason = '${pluginReasons.relocationAbandoned}',
  next_attempt_at = NULL,
  actor = '${systemSubject}'
FROM plugins o, supervisors s
WHERE n.replaces_id IS NOT NULL AND n.replaces_id = o.id AND s.id = n.supervisor_id
  AND n.wanted AND n.state <> 'ACTIVE' AND o.wanted
  AND (s.state <> 'ENABLED' OR s.drain_state = 'DRAINING')
RETURNING n.id`,
};

/** Withdraws what was to take a plugin's place, and can't for now, where it was put: another place is to be found. */
export async function restartRelocations(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(statement);
  return rows.map(({ id }) => id);
}
