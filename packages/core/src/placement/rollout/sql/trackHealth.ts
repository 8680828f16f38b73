import type { Sql, Statement } from '@muster/db';

/**
 * R1. The plugin's last change of state marks the time since when it is ACTIVE: another mark than the last round's means
 * that there was a break, even if the plugin is ACTIVE again. P8: a plugin counts while it is served.
 */
const statement: Statement = {
  name: 'track_health',
  text: `
UPDATE rollout_steps t SET
  healthy_mark = h.mark,
  -- Columns keep milliseconds, and must not be rounded up: a step may be done at once.
  healthy_since = CASE WHEN h.mark IS NOT NULL
    THEN date_trunc('milliseconds', now() + $2::float8 * interval '1 millisecond') END
FROM (
  SELECT u.supervisor_id, CASE WHEN s.state IN ('ENABLED', 'DISABLED') THEN p.state_changed_at END AS mark
  FROM rollout_steps u
  JOIN rollouts r ON r.id = u.rollout_id
  JOIN supervisors s ON s.id = u.supervisor_id
  LEFT JOIN plugins p ON p.supervisor_id = u.supervisor_id AND p.domain_id = r.domain_id AND p.plugin_id = r.plugin_id
    AND p.version = r.to_version AND p.wanted AND p.state = 'ACTIVE'
  WHERE u.rollout_id = $1::text AND u.state = 'INSTALLING'
) h
WHERE t.rollout_id = $1::text AND t.supervisor_id = h.supervisor_id AND t.healthy_mark IS DISTINCT FROM h.mark`,
};

/** Records since when the new version has been ACTIVE on each supervisor whose step is under way. */
export async function trackHealth(sql: Sql, rolloutId: string, clockOffsetMs: number): Promise<void> {
  await sql.query(statement, [rolloutId, clockOffsetMs]);
}
