import type { Deployment, Sql, Statement } from '@muster/db';
import { deploymentFromRow, type JsonRow } from '../../../base/rows.ts';
import type { DeploymentSpec } from '../deploymentInput.ts';

/** A deployment to create. */
export interface NewDeployment extends DeploymentSpec {
  readonly id: string;
  readonly domainId: string;
  readonly name: string;
  readonly pluginId: string;
  readonly actor: string;
  /** A8: how many deployments the domain may have. */
  readonly quota: number;
  readonly clockOffsetMs: number;
}

/** The domain's usage is locked, and read as every earlier transaction left it (A8). */
const statement: Statement = {
  name: 'insert_deployment',
  text: `
WITH usage AS (
  INSERT INTO domain_usage AS u (domain_id) VALUES ($2::text)
  ON CONFLICT (domain_id) DO UPDATE SET deployments = u.deployments
  RETURNING u.deployments
),
inserted AS (
  INSERT INTO deployments AS d (id, domain_id, name, plugin_id, version, labels, filter, allow_public, mode, count,
    spread_by, max_unavailable, replace_after_seconds, rollout_settings, is_paused, actor, created_at, updated_at, version_since)
  SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::jsonb, $7::jsonb, $8::boolean, $9::text::deployment_mode,
    $10::int, $11::text, $12::int, $13::int, $14::jsonb, $15::boolean, $16::text, m.now, m.now, m.now
  FROM usage, (SELECT now() + $18::float8 * interval '1 millisecond' AS now) m
  WHERE usage.deployments < $17::int
  ON CONFLICT (domain_id, name) DO NOTHING
  RETURNING to_jsonb(d) AS row
)
SELECT (SELECT row FROM inserted), EXISTS (SELECT FROM usage WHERE deployments >= $17::int) AS "isOverQuota"`,
};

/** Inserts a deployment; undefined where its domain has one of the name. */
export async function insertDeployment(
  sql: Sql,
  deployment: NewDeployment,
): Promise<Deployment | 'OVER_QUOTA' | undefined> {
  const { filter } = deployment;
  const [answer] = await sql.query<{ row: JsonRow | null; isOverQuota: boolean }>(statement, [
    deployment.id,
    deployment.domainId,
    deployment.name,
    deployment.pluginId,
    deployment.version,
    JSON.stringify(deployment.labels),
    filter === null ? null : JSON.stringify(filter),
    deployment.allowPublic,
    deployment.mode,
    deployment.count,
    deployment.spreadBy,
    deployment.maxUnavailable,
    deployment.replaceAfterSeconds,
    JSON.stringify(deployment.rolloutSettings),
    deployment.isPaused,
    deployment.actor,
    deployment.quota,
    deployment.clockOffsetMs,
  ]);
  if (answer?.isOverQuota) return 'OVER_QUOTA';
  return answer?.row ? deploymentFromRow(answer.row) : undefined;
}
