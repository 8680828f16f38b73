import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';
import { pluginReasons } from '../../../plugin/lifecycle.ts';
import { withdrawnSet } from '../../../plugin/sql/withdrawnSet.ts';

/** P8: a replacement counts once it is served. The two plugins are independent of each other from then on. */
const statement: Statement = {
  name: 'finish_relocations',
  text: `
WITH finished AS (
  UPDATE plugins o SET
    ${withdrawnSet(`'${pluginReasons.relocated}'`, `'${systemSubject}'`)}
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

/** Withdraws the plugins whose replacement is served; returns their ids. */
export async function finishRelocations(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(statement);
  return rows.map(({ id }) => id);
}
