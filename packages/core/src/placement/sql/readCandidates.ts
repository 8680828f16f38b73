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
}

const statement: Statement = {
  name: 'read_candidates',
  text: `
SELECT s.id, s.name, s.domain_id AS "domainId", s.state, s.is_public AS "isPublic", s.cordoned, s.priority,
  s.labels @> $4::jsonb AS "hasLabels",
  EXISTS (
    SELECT FROM plugins p
    WHERE p.supervisor_id = s.id AND p.plugin_id = $2::text AND p.version = $3::text
      -- A plugin of the domain that is unmanaged, or being uninstalled, can be made managed.
      AND NOT (p.domain_id = $1::text AND NOT (p.managed AND p.wanted))) AS "isTaken",
  (SELECT count(*)::int FROM plugins p WHERE p.supervisor_id = s.id AND p.wanted) AS "pluginCount"
FROM supervisors s
WHERE (s.domain_id = $1::text OR s.is_public) AND s.id = coalesce($5::text, s.id)
ORDER BY s.id`,
};

/** The supervisors that a domain may know of (A3, A6), as placement looks at them. */
export function readCandidates(sql: Sql, query: CandidateQuery): Promise<Candidate[]> {
  const { domainId, pluginId, version, labels, supervisorId } = query;
  return sql.query<Candidate>(statement, [domainId, pluginId, version, JSON.stringify(labels), supervisorId]);
}
