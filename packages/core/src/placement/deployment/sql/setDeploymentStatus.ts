import type { Sql, Statement } from '@muster/db';
import type { DeploymentStatus } from '../deploymentStatus.ts';

/** A condition keeps the time since when it holds. A status that is as before writes nothing. */
const statement: Statement = {
  name: 'set_deployment_status',
  text: `
UPDATE deployments d SET
  desired = $2::int, active = $3::int, updating = $4::int, failed = $5::int, conditions = c.conditions
FROM (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'type', n.value ->> 'type',
    'since', coalesce(o.value -> 'since', to_jsonb(date_trunc('milliseconds', now() + $7::float8 * interval '1 millisecond'))),
    'message', n.value ->> 'message') ORDER BY n.place), '[]') AS conditions
  FROM jsonb_array_elements($6::jsonb) WITH ORDINALITY AS n(value, place)
  LEFT JOIN LATERAL (
    SELECT p.value FROM deployments q, jsonb_array_elements(q.conditions) AS p(value)
    WHERE q.id = $1::text AND p.value ->> 'type' = n.value ->> 'type') o ON TRUE
) c
WHERE d.id = $1::text
  AND (d.desired, d.active, d.updating, d.failed, d.conditions) IS DISTINCT FROM ($2::int, $3::int, $4::int, $5::int, c.conditions)`,
};

/** E1: writes how far a deployment is, where that is otherwise than before. */
export async function setDeploymentStatus(
  sql: Sql,
  id: string,
  status: DeploymentStatus,
  clockOffsetMs: number,
): Promise<void> {
  const { desired, active, updating, failed, conditions } = status;
  await sql.query(statement, [id, desired, active, updating, failed, JSON.stringify(conditions), clockOffsetMs]);
}
