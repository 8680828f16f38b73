import type { Sql, Statement } from '@muster/db';
import type { DeploymentSpec } from '../deploymentInput.ts';

/** A change of what a deployment asks for. */
export interface DeploymentChange extends DeploymentSpec {
  readonly id: string;
  /** C3: whether the version is asked for anew: a rollout that was halted before bars nothing then. */
  readonly asksAnew: boolean;
  readonly clockOffsetMs: number;
}

const statement: Statement = {
  name: 'change_deployment',
  text: `
UPDATE deployments d SET
  version = $2::text,
  labels = $3::jsonb,
  filter = $4::jsonb,
  allow_public = $5::boolean,
  mode = $6::text::deployment_mode,
  count = $7::int,
  spread_by = $8::text,
  max_unavailable = $9::int,
  replace_after_seconds = $10::int,
  rollout_settings = $11::jsonb,
  is_paused = $12::boolean,
  version_since = CASE WHEN $13::boolean THEN m.now ELSE d.version_since END,
  updated_at = m.now
FROM (SELECT now() + $14::float8 * interval '1 millisecond' AS now) m
WHERE d.id = $1::text`,
};

/** Writes what a deployment asks for. */
export async function changeDeployment(sql: Sql, change: DeploymentChange): Promise<void> {
  const { filter } = change;
  await sql.query(statement, [
    change.id,
    change.version,
    JSON.stringify(change.labels),
    filter === null ? null : JSON.stringify(filter),
    change.allowPublic,
    change.mode,
    change.count,
    change.spreadBy,
    change.maxUnavailable,
    change.replaceAfterSeconds,
    JSON.stringify(change.rolloutSettings),
    change.isPaused,
    change.asksAnew,
    change.clockOffsetMs,
  ]);
}
