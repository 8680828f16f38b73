import type { Sql, Statement } from '@muster/db';
import type { DeployedPlugin } from '../deploymentRound.ts';
import { isAwaySql } from './readSituations.ts';

/**
 * M7: the plugins with a deployment that events may have something to say to: of a supervisor with its labels, or that has
 * it; of a plugin, a rollout, a deployment or a release of the same plugin; public releases have no
 * owner. The events that the control plane itself
 * made of a deployment say nothing new.
 */
const byEvents: Statement = {
  name: 'find_affected_deployments',
  text: `
WITH news AS MATERIALIZED (
  SELECT DISTINCT e.domain_id, e.supervisor_id, e.supervisor_id IS NOT NULL AND e.plugin_instance_id IS NULL AS is_supervisor,
    e.row ->> 'domain_id' AS owner, e.row ->> 'plugin_id' AS plugin_id,
    CASE WHEN e.plugin_instance_id IS NULL THEN e.row -> 'labels' END AS labels,
    coalesce((e.row ->> 'is_public')::boolean, false) AS is_public
  FROM events e
  WHERE e.seq > $1::bigint AND e.seq <= $2::bigint AND e.api_key_id IS NULL
    AND NOT (e.rollout_id IS NOT NULL AND e.supervisor_id IS NOT NULL)
    AND NOT (e.deployment_id IS NOT NULL AND e.actor = 'muster')
)
SELECT DISTINCT d.domain_id AS "domainId", d.plugin_id AS "pluginId"
FROM deployments d
WHERE EXISTS (
  SELECT FROM news n
  WHERE NOT n.is_supervisor AND n.plugin_id = d.plugin_id AND (n.owner = d.domain_id OR n.owner IS NULL))
OR EXISTS (
  SELECT FROM news n
  WHERE n.is_supervisor AND (
    ((n.domain_id = d.domain_id OR (d.allow_public AND n.is_public)) AND n.labels @> d.labels)
    OR EXISTS (SELECT FROM plugins p WHERE p.supervisor_id = n.supervisor_id AND p.deployment_id = d.id)))
ORDER BY 1, 2`,
};

/** The plugins with a deployment that the events of these places may have something to say to. */
export function findAffected(sql: Sql, { seq, headSeq }: { seq: number; headSeq: number }): Promise<DeployedPlugin[]> {
  return sql.query<DeployedPlugin>(byEvents, [seq, headSeq]);
}

const all: Statement = {
  name: 'find_all_deployed',
  text: `SELECT DISTINCT domain_id AS "domainId", plugin_id AS "pluginId" FROM deployments ORDER BY 1, 2`,
};

/** All plugins with a deployment. */
export function findAllDeployed(sql: Sql): Promise<DeployedPlugin[]> {
  return sql.query<DeployedPlugin>(all);
}

const byAbsence: Statement = {
  name: 'find_deployed_on_absent',
  text: `
SELECT DISTINCT d.domain_id AS "domainId", d.plugin_id AS "pluginId"
FROM supervisors s
JOIN plugins p ON p.supervisor_id = s.id AND p.wanted
JOIN deployments d ON d.id = p.deployment_id
WHERE s.state = 'DISCONNECTED' AND NOT d.is_paused AND d.replace_after_seconds IS NOT NULL
  AND ${isAwaySql('s', 'd.replace_after_seconds', `(now() + $1::float8 * interval '1 millisecond')`)}
ORDER BY 1, 2`,
};

/** C3: the plugins with a deployment that has one on a supervisor which has been away for too long. */
export function findOnAbsent(sql: Sql, clockOffsetMs: number): Promise<DeployedPlugin[]> {
  return sql.query<DeployedPlugin>(byAbsence, [clockOffsetMs]);
}
