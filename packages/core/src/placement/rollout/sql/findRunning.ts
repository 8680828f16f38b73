import type { Rollout, Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'find_running_rollout',
  text: `SELECT id FROM rollouts WHERE domain_id = $1::text AND plugin_id = $2::text AND ended_at IS NULL`,
};

/** The id of the rollout of this plugin that is under way; null for none. */
export async function findRunning(
  sql: Sql,
  { domainId, pluginId }: Pick<Rollout, 'domainId' | 'pluginId'>,
): Promise<string | null> {
  const [running] = await sql.query<{ id: string }>(statement, [domainId, pluginId]);
  return running?.id ?? null;
}
