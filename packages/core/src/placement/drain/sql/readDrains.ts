import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../../base/rows.ts';

/** A plugin that a drain has not relocated yet. */
export interface DrainRow {
  supervisorId: string;
  plugin: PluginRow;
  /** The plugin that is to replace it; null where no supervisor could take it yet. */
  replacement: PluginRow | null;
}

const statement: Statement = {
  name: 'read_drains',
  text: `
SELECT p.supervisor_id AS "supervisorId", to_jsonb(p) AS plugin, to_jsonb(n) AS replacement
FROM plugins p
LEFT JOIN plugins n ON n.replaces_id IS NOT NULL AND n.replaces_id = p.id AND n.wanted
WHERE p.supervisor_id = ANY($1::text[]) AND p.managed AND p.wanted AND p.domain_id = coalesce($2::text, p.domain_id)
ORDER BY p.supervisor_id, p.plugin_id, p.version`,
};

/** The managed plugins that are left on supervisors, of one domain or of all. */
export function readDrains(sql: Sql, supervisorIds: readonly string[], domainId: string | null): Promise<DrainRow[]> {
  return sql.query<DrainRow>(statement, [supervisorIds, domainId]);
}
