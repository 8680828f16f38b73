import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../../base/rows.ts';

export interface PendingQuery {
  domainId: string;
  pluginId: string;
  /** Null for all versions. */
  version: string | null;
  /** What the supervisor's labels must contain. */
  labels: object;
}

/** As `findInstalled` has it: what a supervisor runs on its own counts only where it could be taken over. */
const statement: Statement = {
  name: 'find_pending',
  text: `
SELECT to_jsonb(p) AS row
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND ($3::text IS NULL OR p.version = $3::text) AND p.wanted
  AND s.labels @> $4::jsonb
  AND (p.managed OR (s.state = 'ENABLED' AND NOT s.cordoned))
ORDER BY p.state_changed_at DESC, p.id`,
};

/** What is wanted somewhere, whatever its state, and so may come up; what changed last comes first. */
export async function findPending(sql: Sql, query: PendingQuery): Promise<PluginRow[]> {
  const { domainId, pluginId, version, labels } = query;
  const found = await sql.query<{ row: PluginRow }>(statement, [domainId, pluginId, version, JSON.stringify(labels)]);
  return found.map(({ row }) => row);
}
