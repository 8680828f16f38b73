import type { Sql, Statement } from '@muster/db';
import type { DeployedPlugin } from '../deploymentRound.ts';

const type = 'ROUND_FAILED';
const message = 'its last round failed inside the server, whose log says why; each sweep tries again';

const marking: Statement = {
  name: 'mark_failed_deployments',
  text: `
UPDATE deployments SET conditions = conditions || jsonb_build_array(jsonb_build_object('type', '${type}',
  'since', to_jsonb(date_trunc('milliseconds', now() + $3::float8 * interval '1 millisecond')), 'message', '${message}'))
WHERE domain_id = $1::text AND plugin_id = $2::text AND NOT conditions @> '[{"type": "${type}"}]'`,
};

/** M7: records that no round of a plugin's deployments could be played. The next one that can takes that back. */
export async function markFailed(
  sql: Sql,
  { domainId, pluginId }: DeployedPlugin,
  clockOffsetMs: number,
): Promise<void> {
  await sql.query(marking, [domainId, pluginId, clockOffsetMs]);
}

const finding: Statement = {
  name: 'find_failed_deployments',
  text: `
SELECT DISTINCT domain_id AS "domainId", plugin_id AS "pluginId" FROM deployments
WHERE conditions @> '[{"type": "${type}"}]' ORDER BY 1, 2`,
};

/** The plugins of which the last round failed. */
export function findFailed(sql: Sql): Promise<DeployedPlugin[]> {
  return sql.query<DeployedPlugin>(finding);
}
