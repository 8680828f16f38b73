import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../../base/rows.ts';
import { countsAsThere } from '../../sql/countsAsThere.ts';
import { mayServe } from '../../sql/mayServe.ts';
import type { EndpointQuery } from './readEndpoints.ts';

const statement: Statement = {
  name: 'find_pending',
  text: `
SELECT to_jsonb(p) AS row
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
LEFT JOIN leases l ON l.supervisor_id = s.id
WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND ($3::text IS NULL OR p.version = $3::text)
  AND s.labels @> $4::jsonb
  AND (s.domain_id = $1::text OR $5::boolean)
  AND ${countsAsThere} AND ${mayServe('$6')}
ORDER BY p.state_changed_at DESC, p.id`,
};

/** The installed plugins that may be served now or later (M4); the last to change comes first. */
export async function findPending(sql: Sql, query: EndpointQuery): Promise<PluginRow[]> {
  const found = await sql.query<{ row: PluginRow }>(statement, [
    query.domainId,
    query.pluginId,
    query.version,
    JSON.stringify(query.labels),
    query.allowPublic,
    query.clockOffsetMs,
  ]);
  return found.map(({ row }) => row);
}
