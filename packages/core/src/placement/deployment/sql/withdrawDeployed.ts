import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';
import type { PluginReason } from '../../../plugin/lifecycle.ts';
import { withdrawnSet } from '../../../plugin/sql/withdrawnSet.ts';

const statement: Statement = {
  name: 'withdraw_deployed',
  text: `
UPDATE plugins p SET
  ${withdrawnSet('$2::text', `'${systemSubject}'`)}
WHERE p.id = ANY($1::text[]) AND p.wanted`,
};

/** P4: withdraws plugins of a deployment. */
export async function withdrawDeployed(
  sql: Sql,
  pluginInstanceIds: readonly string[],
  reason: PluginReason,
): Promise<void> {
  await sql.query(statement, [pluginInstanceIds, reason]);
}
