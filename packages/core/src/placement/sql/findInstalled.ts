import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../base/rows.ts';
import type { CandidateQuery } from './readCandidates.ts';

/** What is served comes first, and what the control plane doesn't want there yet comes last. */
const statement: Statement = {
  name: 'find_installed',
  text: `
SELECT to_jsonb(p) AS row
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND p.version = $3::text AND p.wanted
  AND s.id = coalesce($5::text, s.id)
  AND s.labels @> $4::jsonb
  AND (p.managed OR (s.state = 'ENABLED' AND NOT s.cordoned))
ORDER BY p.managed DESC, s.state = 'ENABLED' DESC, p.state = 'ACTIVE' DESC, p.replaces_id IS NULL DESC, p.id
LIMIT 1`,
};

/** Where a plugin is already that is to be installed; undefined where it is nowhere. */
export async function findInstalled(sql: Sql, query: CandidateQuery): Promise<PluginRow | undefined> {
  const { domainId, pluginId, version, labels, supervisorId } = query;
  const [found] = await sql.query<{ row: PluginRow }>(statement, [
    domainId,
    pluginId,
    version,
    JSON.stringify(labels),
    supervisorId,
  ]);
  return found?.row;
}
