import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../base/rows.ts';
import { countsAsThere } from './countsAsThere.ts';
import { mayServe } from './mayServe.ts';
import type { CandidateQuery } from './readCandidates.ts';

/** Managed plugins come before unmanaged ones, and plugins that are served before others. */
const statement: Statement = {
  name: 'find_installed',
  text: `
SELECT to_jsonb(p) AS row
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
LEFT JOIN leases l ON l.supervisor_id = s.id
WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND p.version = $3::text
  AND s.id = coalesce($5::text, s.id)
  AND s.labels @> $4::jsonb
  AND (s.domain_id = $1::text OR $6::boolean)
  AND ${countsAsThere} AND (NOT $7::boolean OR ${mayServe('$8')})
ORDER BY p.managed DESC, s.state = 'ENABLED' DESC, p.state = 'ACTIVE' DESC, p.replaces_id IS NULL DESC, p.id
LIMIT 1`,
};

/** An install's question. */
export interface InstalledQuery extends CandidateQuery {
  /** M4: whether a plugin that can't be handed out, now or once it is ACTIVE, counts as none. */
  mustServe: boolean;
  clockOffsetMs: number;
}

/** The plugin that an install asks for, where the domain has it already; undefined where it has none. */
export async function findInstalled(sql: Sql, query: InstalledQuery): Promise<PluginRow | undefined> {
  const { domainId, pluginId, version, labels, supervisorId, allowPublic } = query;
  const [found] = await sql.query<{ row: PluginRow }>(statement, [
    domainId,
    pluginId,
    version,
    JSON.stringify(labels),
    supervisorId,
    allowPublic,
    query.mustServe,
    query.clockOffsetMs,
  ]);
  return found?.row;
}
