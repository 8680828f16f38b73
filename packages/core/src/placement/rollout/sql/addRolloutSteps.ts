import type { Sql, Statement } from '@muster/db';
import { isReplaced, isReplacement } from '../../sql/relocation.ts';

/** Plugins that are being relocated join the rollout only after the relocation. */
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
  AND NOT ${isReplacement} AND NOT ${isReplaced}
ON CONFLICT (rollout_id, supervisor_id) DO NOTHING`,
};

/** Adds a step for each supervisor that has the old version and no step yet, those of the lowest priority first. */
export async function addRolloutSteps(sql: Sql, rolloutId: string): Promise<void> {
  await sql.query(statement, [rolloutId]);
}
