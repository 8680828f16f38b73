import type { Sql, Statement } from '@muster/db';
import { pluginReasons } from '../../../plugin/lifecycle.ts';
import { withdrawnSet } from '../../../plugin/sql/withdrawnSet.ts';

const statement: Statement = {
  name: 'abandon_relocations',
  text: `
UPDATE plugins n SET
  ${withdrawnSet(`'${pluginReasons.relocationAbandoned}'`, '$2::text')}
FROM plugins o
WHERE o.supervisor_id = ANY($1::text[]) AND o.wanted AND n.replaces_id = o.id AND n.wanted`,
};

/** Withdraws the replacements of plugins on these supervisors; the plugins stay. */
export async function abandonRelocations(sql: Sql, supervisorIds: readonly string[], actor: string): Promise<void> {
  await sql.query(statement, [supervisorIds, actor]);
}
