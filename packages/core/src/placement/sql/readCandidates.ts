import type { Sql, Statement } from '@muster/db';
import type { Candidate } from '../rank.ts';

/** The plugin to place. */
export interface CandidateQuery {
  domainId: string;
  pluginId: string;
  version: string;
  /** The labels that the supervisor must have, keys and values. */
  labels: object;
  /** The only supervisor to look at; null for all. */
  supervisorId: string | null;
  /** M2: whether public supervisors of other domains are looked at. */
  allowPublic: boolean;
}

const statement: Statement = {
  name: 'read_candidates',
  text: `
SELECT s.id, s.name, s.domain_id AS "domainId", s.state, s.is_public AS "isPublic", s.cordoned, s.priority,
  CASE WHEN NOT s.labels @> $4::jsonb THEN (
    SELECT jsonb_object_agg(asked.key, asked.value) FROM jsonb_each($4::jsonb) AS asked
    WHERE NOT s.labels @> jsonb_build_object(asked.key, asked.value)) END AS "lackingLabels",
  -- P9: other domains' plugins bar nothing. An own one that is unmanaged, or being uninstalled, can be made managed.
  EXISTS (
    SELECT FROM plugins p
    WHERE p.supervisor_id = s.id AND p.plugin_id = $2::text AND p.version = $3::text AND p.domain_id = $1::text
      AND p.managed AND p.wanted) AS "isTaken",
  (SELECT count(*)::int FROM plugins p
    WHERE p.supervisor_id = s.id AND p.domain_id = $1::text AND p.wanted) AS "pluginCount"
FROM supervisors s
WHERE (s.domain_id = $1::text OR (s.is_public AND $6::boolean)) AND s.id = coalesce($5::text, s.id)
ORDER BY s.id`,
};

/** The supervisors that a domain may know of (A3, A6), as placement looks at them. */
export function readCandidates(sql: Sql, query: CandidateQuery): Promise<Candidate[]> {
  return sql.query<Candidate>(statement, [
    query.domainId,
    query.pluginId,
    query.version,
    JSON.stringify(query.labels),
    query.supervisorId,
    query.allowPublic,
  ]);
}
