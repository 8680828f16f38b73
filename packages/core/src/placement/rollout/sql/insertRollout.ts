import type { Rollout, Sql, Statement } from '@muster/db';

/** A rollout to start. */
export type NewRollout = Pick<
  Rollout,
  | 'id'
  | 'domainId'
  | 'pluginId'
  | 'fromVersion'
  | 'toVersion'
  | 'maxUnavailable'
  | 'minHealthySeconds'
  | 'healthyDeadlineSeconds'
  | 'maxFailures'
  | 'onFailure'
  | 'deadlineSeconds'
  | 'canaryCount'
  | 'autoPromoteSeconds'
  | 'actor'
  | 'deploymentId'
> & { labels: object };

const statement: Statement = {
  name: 'insert_rollout',
  text: `
INSERT INTO rollouts (id, domain_id, plugin_id, from_version, to_version, labels, max_unavailable, min_healthy_seconds,
  healthy_deadline_seconds, max_failures, on_failure, deadline_seconds, canary_count, auto_promote_seconds, actor,
  deployment_id, created_at, deadline_at)
SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::jsonb, $7::int, $8::int, $9::int, $10::int,
  $11::text::rollout_failure_action, $12::int, $13::int, $14::int, $15::text, $17::text, m.now, m.now + $12::int * interval '1 second'
FROM (SELECT now() + $16::float8 * interval '1 millisecond' AS now) m`,
};

/** Inserts a rollout; the first round adds its steps. */
export async function insertRollout(sql: Sql, rollout: NewRollout, clockOffsetMs: number): Promise<void> {
  await sql.query(statement, [
    rollout.id,
    rollout.domainId,
    rollout.pluginId,
    rollout.fromVersion,
    rollout.toVersion,
    JSON.stringify(rollout.labels),
    rollout.maxUnavailable,
    rollout.minHealthySeconds,
    rollout.healthyDeadlineSeconds,
    rollout.maxFailures,
    rollout.onFailure,
    rollout.deadlineSeconds,
    rollout.canaryCount,
    rollout.autoPromoteSeconds,
    rollout.actor,
    clockOffsetMs,
    rollout.deploymentId,
  ]);
}
