import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';
import { pluginReasons } from '../../../plugin/lifecycle.ts';
import { withdrawnSet } from '../../../plugin/sql/withdrawnSet.ts';

const statement: Statement = {
  name: 'restart_relocations',
  text: `
UPDATE plugins n SET
  ${withdrawnSet(`'${pluginReasons.relocationAbandoned}'`, `'${systemSubject}'`)}
FROM plugins o, supervisors s
WHERE n.replaces_id IS NOT NULL AND n.replaces_id = o.id AND s.id = n.supervisor_id
  AND n.wanted AND n.state <> 'ACTIVE' AND o.wanted
  AND (s.state <> 'ENABLED' OR s.drain_state IN ('QUEUED', 'DRAINING'))
RETURNING n.id`,
};

/** Withdraws replacements whose supervisor can no longer take them, so that the next round chooses another. */
export async function restartRelocations(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(statement);
  return rows.map(({ id }) => id);
}
