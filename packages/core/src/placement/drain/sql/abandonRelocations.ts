import type { Sql, Statement } from '@muster/db';
import { pluginReasons } from '../../../plugin/lifecycle.ts';

const statement: Statement = {
  name: 'abandon_relocations',
  text: `
UPDATE plugins n SET
  wanted = false,
  replaces_id = NULL,
  reason = '${pluginReasons.relocationAbandoned}',
  next_attempt_at = NULL,
  actor = $2::text
FROM plugins o
WHERE o.supervisor_id = ANY($1::text[]) AND o.wanted AND n.replaces_id = o.id AND n.wanted`,
};

/** Withdraws what was to take the place of plugins on these supervisors, which stay. */
export async function abandonRelocations(sql: Sql, supervisorIds: readonly string[], actor: string): Promise<void> {
  await sql.query(statement, [supervisorIds, actor]);
}
