import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../../base/rows.ts';
import { countsAsThere } from '../../sql/countsAsThere.ts';

/** The plugins to look for. */
export interface PendingQuery {
  domainId: string;
  pluginId: string;
  /** Null for all versions. */
  version: string | null;
  /** The labels that the supervisor must have, keys and values. */
  labels: object;
  /** M2: whether public supervisors of other domains count. */
  allowPublic: boolean;
}

const statement: Statement = {
  name: 'find_pending',
  text: `
SELECT to_jsonb(p) AS row
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND ($3::text IS NULL OR p.version = $3::text)
  AND s.labels @> $4::jsonb
  AND (s.domain_id = $1::text OR $5::boolean)
  AND ${countsAsThere}
ORDER BY p.state_changed_at DESC, p.id`,
};

/** The installed plugins, whatever their state, that may become ACTIVE; the last to change comes first. */
export async function findPending(sql: Sql, query: PendingQuery): Promise<PluginRow[]> {
  const found = await sql.query<{ row: PluginRow }>(statement, [
    query.domainId,
    query.pluginId,
    query.version,
    JSON.stringify(query.labels),
    query.allowPublic,
  ]);
  return found.map(({ row }) => row);
}
