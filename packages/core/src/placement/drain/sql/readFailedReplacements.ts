import type { Sql, Statement } from '@muster/db';
import { losesPlugins, type RelocatablePlugin, type RelocationQuery, relocationReason } from './readRelocatable.ts';

/** A plugin whose replacement failed; `id` is the plugin's. */
export interface FailedReplacement extends RelocatablePlugin {
  replacementId: string;
  replacementSupervisorId: string;
  /** Whether the replacement is attempted again where it is (P5). */
  isAttemptedAgain: boolean;
}

const statement: Statement = {
  name: 'read_failed_replacements',
  text: `
SELECT p.id, p.domain_id AS "domainId", p.plugin_id AS "pluginId", p.version, p.placement_labels AS labels,
  p.allow_public AS "allowPublic", ${relocationReason} AS reason, p.failed_supervisor_ids AS "failedSupervisorIds",
  n.id AS "replacementId", n.supervisor_id AS "replacementSupervisorId",
  n.next_attempt_at IS NOT NULL AS "isAttemptedAgain"
FROM plugins n
JOIN plugins p ON p.id = n.replaces_id
JOIN supervisors s ON s.id = p.supervisor_id
LEFT JOIN leases l ON l.supervisor_id = s.id
CROSS JOIN (SELECT now() + $5::float8 * interval '1 millisecond' AS now) m
WHERE n.replaces_id IS NOT NULL AND n.wanted AND n.state = 'ERROR' AND p.wanted AND ${losesPlugins}
  AND s.id = coalesce($1::text, s.id) AND p.id = coalesce($2::text, p.id) AND p.id > $3::text
ORDER BY p.id
LIMIT $6::int`,
};

/** The plugins whose replacement is in ERROR, by id. */
export function readFailedReplacements(sql: Sql, query: RelocationQuery): Promise<FailedReplacement[]> {
  const { supervisorId, id, afterId, replaceAfterMs, clockOffsetMs, limit } = query;
  return sql.query<FailedReplacement>(statement, [supervisorId, id, afterId, replaceAfterMs, clockOffsetMs, limit]);
}
