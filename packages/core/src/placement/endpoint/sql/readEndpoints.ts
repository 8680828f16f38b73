import type { Sql, Statement } from '@muster/db';
import { isServing } from '../../sql/mayServe.ts';

/** The plugin whose endpoints are asked for. */
export interface EndpointQuery {
  domainId: string;
  pluginId: string;
  /** Null for all versions. */
  version: string | null;
  /** The labels that the supervisor must have, keys and values. */
  labels: object;
  /** M2: whether public supervisors of other domains count. */
  allowPublic: boolean;
  clockOffsetMs: number;
}

/** An endpoint with the version of its plugin. */
export interface EndpointRow {
  version: string;
  endpoint: string;
  /** R8: whether a rollout that is under way replaces the version, or installs it. */
  isRolling: boolean;
}

const statement: Statement = {
  name: 'read_endpoints',
  text: `
SELECT p.version, e.endpoint,
  EXISTS (
    SELECT FROM rollouts r
    WHERE r.domain_id = $1::text AND r.plugin_id = $2::text AND r.ended_at IS NULL
      AND p.version IN (r.from_version, r.to_version)) AS "isRolling"
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
LEFT JOIN leases l ON l.supervisor_id = s.id
CROSS JOIN LATERAL unnest(
  CASE WHEN cardinality(p.endpoints) > 0 THEN p.endpoints ELSE ARRAY[p.endpoint] END) WITH ORDINALITY AS e(endpoint, position)
WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND ($3::text IS NULL OR p.version = $3::text)
  AND p.state = 'ACTIVE' AND p.wanted AND e.endpoint IS NOT NULL
  AND ${isServing('$5')}
  AND s.labels @> $4::jsonb
  AND (s.domain_id = $1::text OR $6::boolean)
ORDER BY p.id, e.position`,
};

/** The endpoints that may be handed out, always in the same order. */
export function readEndpoints(sql: Sql, query: EndpointQuery): Promise<EndpointRow[]> {
  return sql.query<EndpointRow>(statement, [
    query.domainId,
    query.pluginId,
    query.version,
    JSON.stringify(query.labels),
    query.clockOffsetMs,
    query.allowPublic,
  ]);
}
