import type { Sql, Statement } from '@muster/db';
import { isReplaced, isReplacement } from '../../sql/relocation.ts';

/**
 * Plugins that are being relocated join the rollout only after the relocation. C3: a deployment's rollout is for the
 * deployment's plugins, and any other for one-off installs. Supervisors that failed in another rollout to the
 * version, since that was asked for, do not join again.
 */
const statement: Statement = {
  name: 'add_rollout_steps',
  text: `
INSERT INTO rollout_steps (rollout_id, supervisor_id, position)
SELECT r.id, s.id, coalesce((SELECT max(position) FROM rollout_steps t WHERE t.rollout_id = r.id), 0)
  + row_number() OVER (ORDER BY s.priority, s.id)
FROM rollouts r
JOIN plugins p ON p.domain_id = r.domain_id AND p.plugin_id = r.plugin_id AND p.version = r.from_version
JOIN supervisors s ON s.id = p.supervisor_id
WHERE r.id = $1::text AND p.managed AND p.wanted AND s.labels @> r.labels
  AND p.deployment_id IS NOT DISTINCT FROM r.deployment_id
  AND NOT ${isReplacement} AND NOT ${isReplaced}
  AND NOT EXISTS (
    SELECT FROM deployments d
    JOIN rollouts e ON e.deployment_id = d.id AND e.to_version = r.to_version AND e.created_at >= d.version_since AND e.id <> r.id
    JOIN rollout_steps t ON t.rollout_id = e.id
    WHERE d.id = r.deployment_id AND t.supervisor_id = s.id AND t.state = 'FAILED')
ON CONFLICT (rollout_id, supervisor_id) DO NOTHING`,
};

/** Adds a step for each supervisor that has the old version and no step yet, those of the lowest priority first. */
export async function addRolloutSteps(sql: Sql, rolloutId: string): Promise<void> {
  await sql.query(statement, [rolloutId]);
}
