import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';
import { pluginReasons } from '../../../plugin/lifecycle.ts';
import { withdrawnSet } from '../../../plugin/sql/withdrawnSet.ts';

const statement: Statement = {
  name: 'fail_replacement',
  text: `
WITH failed AS (
  UPDATE plugins n SET
    ${withdrawnSet(`'${pluginReasons.relocationAbandoned}'`, `'${systemSubject}'`)}
  WHERE n.id = $2::text
)
UPDATE plugins p SET failed_supervisor_ids = $3::text[], actor = '${systemSubject}' WHERE p.id = $1::text`,
};

/** Withdraws the replacement of a plugin, and remembers on which supervisors replacements of it failed (D3). */
export async function failReplacement(
  sql: Sql,
  { id, replacementId, failedSupervisorIds }: { id: string; replacementId: string; failedSupervisorIds: string[] },
): Promise<void> {
  await sql.query(statement, [id, replacementId, failedSupervisorIds]);
}
