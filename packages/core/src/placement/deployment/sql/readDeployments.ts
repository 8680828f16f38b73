import type { Deployment, Sql, Statement } from '@muster/db';
import { deploymentFromRow, fieldsFromRow, type JsonRow } from '../../../base/rows.ts';
import type { RolloutOfDeployment } from '../deploymentSituation.ts';

/** A deployment, with the rollout to its version. */
export interface DeploymentWithRollout {
  readonly deployment: Deployment;
  /** The last rollout since the version was asked for, or one that has not ended; null for none. */
  readonly rollout: RolloutOfDeployment | null;
  /** The rollout of the plugin that is under way, whosever it is; null for none. */
  readonly runningId: string | null;
}

const statement: Statement = {
  name: 'read_deployments',
  text: `
SELECT to_jsonb(d) AS row, to_jsonb(r) AS rollout, (
    SELECT u.id FROM rollouts u
    WHERE u.domain_id = d.domain_id AND u.plugin_id = d.plugin_id AND u.ended_at IS NULL) AS "runningId"
FROM deployments d
LEFT JOIN rollouts r ON r.id = d.rollout_id AND (r.ended_at IS NULL OR r.created_at >= d.version_since)
WHERE d.domain_id = $1::text AND d.plugin_id = $2::text AND ($3::text IS NULL OR d.id = $3::text)
ORDER BY d.created_at, d.id`,
};

/** C4: the deployments of a plugin, the oldest first. Within `inPlacement` they stay as they are. */
export function readDeployments(
  sql: Sql,
  { domainId, pluginId }: { domainId: string; pluginId: string },
): Promise<DeploymentWithRollout[]> {
  return read(sql, [domainId, pluginId, null]);
}

/** One deployment as it is now; undefined where it is gone. */
export async function readDeployment(
  sql: Sql,
  { id, domainId, pluginId }: { id: string; domainId: string; pluginId: string },
): Promise<DeploymentWithRollout | undefined> {
  const [found] = await read(sql, [domainId, pluginId, id]);
  return found;
}

async function read(sql: Sql, values: readonly (string | null)[]): Promise<DeploymentWithRollout[]> {
  const rows = await sql.query<{ row: JsonRow; rollout: JsonRow | null; runningId: string | null }>(statement, values);
  return rows.map(({ row, rollout, runningId }) => ({
    deployment: deploymentFromRow(row),
    rollout: rollout && rolloutOf(rollout),
    runningId,
  }));
}

function rolloutOf(row: JsonRow): RolloutOfDeployment {
  const { id, state, fromVersion, toVersion, message, endedAt } = fieldsFromRow(
    row,
  ) as unknown as RolloutOfDeployment & {
    readonly endedAt: Date | null;
  };
  return { id, state, fromVersion, toVersion, message, isOver: endedAt !== null };
}
