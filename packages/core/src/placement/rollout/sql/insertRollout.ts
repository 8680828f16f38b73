import type { Sql, Statement } from '@muster/db';

/** A rollout to start. */
export interface NewRollout {
  id: string;
  domainId: string;
  pluginId: string;
  from: string;
  to: string;
  labels: object;
  maxUnavailable: number;
  healthyDeadlineSeconds: number;
  actor: string;
  clockOffsetMs: number;
}

const statement: Statement = {
  name: 'insert_rollout',
  text: `
INSERT INTO rollouts (id, domain_id, plugin_id, from_version, to_version, labels, max_unavailable,
  healthy_deadline_seconds, actor, created_at)
VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::jsonb, $7::int, $8::int, $9::text,
  now() + $10::float8 * interval '1 millisecond')`,
};

/** Inserts a rollout; the first round adds its steps. */
export async function insertRollout(sql: Sql, rollout: NewRollout): Promise<void> {
  await sql.query(statement, [
    rollout.id,
    rollout.domainId,
    rollout.pluginId,
    rollout.from,
    rollout.to,
    JSON.stringify(rollout.labels),
    rollout.maxUnavailable,
    rollout.healthyDeadlineSeconds,
    rollout.actor,
    rollout.clockOffsetMs,
  ]);
}
