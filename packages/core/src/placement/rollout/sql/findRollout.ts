import type { Sql, Statement } from '@muster/db';

/** The rollouts that an upgrade finds. */
export interface ExistingRollouts {
  /** The rollout of the plugin that is under way, between any versions. */
  running: { id: string; from: string; to: string } | null;
  /** The last rollout between these versions. */
  lastId: string | null;
  /** Whether the old version is there to upgrade, by one-off installs. */
  hasOld: boolean;
  /** C3: the name of a deployment that keeps the old version; null for none. */
  deployment: string | null;
}

const statement: Statement = {
  name: 'find_rollout',
  text: `
SELECT
  (SELECT jsonb_build_object('id', r.id, 'from', r.from_version, 'to', r.to_version)
    FROM rollouts r WHERE r.domain_id = $1::text AND r.plugin_id = $2::text AND r.ended_at IS NULL) AS running,
  (SELECT r.id FROM rollouts r
    WHERE r.domain_id = $1::text AND r.plugin_id = $2::text AND r.from_version = $3::text AND r.to_version = $4::text
    ORDER BY r.created_at DESC, r.id DESC LIMIT 1) AS "lastId",
  EXISTS (
    SELECT FROM plugins p
    JOIN supervisors s ON s.id = p.supervisor_id
    WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND p.version = $3::text AND p.managed AND p.wanted
      AND p.deployment_id IS NULL AND s.labels @> $5::jsonb) AS "hasOld",
  (SELECT d.name FROM plugins p
    JOIN deployments d ON d.id = p.deployment_id
    WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND p.version = $3::text AND p.managed AND p.wanted
    ORDER BY d.created_at, d.id LIMIT 1) AS deployment`,
};

/** The rollouts that an upgrade finds, and whether there is anything to upgrade. */
export async function findRollout(
  sql: Sql,
  upgrade: { domainId: string; pluginId: string; from: string; to: string; labels: object },
): Promise<ExistingRollouts> {
  const { domainId, pluginId, from, to, labels } = upgrade;
  const [known] = await sql.query<ExistingRollouts>(statement, [domainId, pluginId, from, to, JSON.stringify(labels)]);
  if (!known) throw new Error('a question about rollouts gave no row');
  return known;
}
