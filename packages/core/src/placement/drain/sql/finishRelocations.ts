import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';
import { pluginReasons } from '../../../plugin/lifecycle.ts';

/** P8: what takes a place must be one that is served. From then on the two have nothing to do with each other. */
const statement: Statement = {
  name: 'finish_relocations',
  text: `
WITH finished AS (
  UPDATE plugins o SET
    wanted = false,
    reason = '${pluginReasons.relocated}',
    next_attempt_at = NULL,
    actor = '${systemSubject}'
  FROM plugins n, supervisors s
  WHERE n.replaces_id IS NOT NULL AND n.replaces_id = o.id AND s.id = n.supervisor_id
    AND o.wanted AND n.wanted AND n.state = 'ACTIVE' AND s.state IN ('ENABLED', 'DISABLED')
  RETURNING o.id
),
detached AS (
  UPDATE plugins n SET replaces_id = NULL FROM finished f WHERE n.replaces_id = f.id
)
SELECT id FROM finished`,
};

/** Withdraws what another has taken the place of; returns the ids. */
export async function finishRelocations(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(statement);
  return rows.map(({ id }) => id);
}
