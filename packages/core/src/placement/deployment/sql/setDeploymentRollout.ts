import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'set_deployment_rollout',
  text: `UPDATE deployments SET rollout_id = $2::text WHERE id = $1::text`,
};

/** C3: names the rollout that a deployment's change of version is. */
export async function setDeploymentRollout(sql: Sql, id: string, rolloutId: string): Promise<void> {
  await sql.query(statement, [id, rolloutId]);
}
