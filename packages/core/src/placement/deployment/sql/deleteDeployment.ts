import type { Sql, Statement } from '@muster/db';
import { pluginReasons } from '../../../plugin/lifecycle.ts';
import { withdrawnSet } from '../../../plugin/sql/withdrawnSet.ts';

const orphaning: Statement = {
  name: 'orphan_deployment',
  text: `UPDATE plugins SET deployment_id = NULL, actor = $2::text WHERE deployment_id = $1::text`,
};

const withdrawing: Statement = {
  name: 'withdraw_deployment',
  text: `
UPDATE plugins p SET deployment_id = NULL,
  ${withdrawnSet(`'${pluginReasons.undeployed}'`, '$2::text')}
WHERE p.deployment_id = $1::text AND p.wanted`,
};

const deletion: Statement = { name: 'delete_deployment', text: `DELETE FROM deployments WHERE id = $1::text` };

/** C4: deletes a deployment, and withdraws its plugins or leaves them as one-off installs. */
export async function deleteDeploymentRow(
  sql: Sql,
  id: string,
  { orphan, actor }: { orphan: boolean; actor: string },
): Promise<void> {
  if (!orphan) await sql.query(withdrawing, [id, actor]);
  await sql.query(orphaning, [id, actor]);
  await sql.query(deletion, [id]);
}
