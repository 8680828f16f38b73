import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../../base/rows.ts';
import { isInRolloutStep } from './readRelocatable.ts';

/** Why a plugin is still on a supervisor that is drained. */
export type DrainLeftReason =
  | 'STOPPING'
  | 'UNMANAGED'
  | 'PINNED'
  | 'DEADLINE_EXCEEDED'
  | 'ROLLOUT'
  | 'REPLACING'
  | 'NO_SUPERVISOR';

/** A plugin that is still on a drained supervisor. */
export interface DrainRow {
  supervisorId: string;
  plugin: PluginRow;
  /** The plugin that is to replace it; null where there is none. */
  replacement: PluginRow | null;
  reason: DrainLeftReason;
}

/** D1: what was never reported, and is wanted no more, doesn't run. */
const statement: Statement = {
  name: 'read_drains',
  text: `
SELECT p.supervisor_id AS "supervisorId", to_jsonb(p) AS plugin, to_jsonb(n) AS replacement,
  CASE
    WHEN NOT p.wanted THEN 'STOPPING'
    WHEN NOT p.managed THEN 'UNMANAGED'
    WHEN p.pinned THEN 'PINNED'
    WHEN s.drain_state = 'EXPIRED' THEN 'DEADLINE_EXCEEDED'
    WHEN n.id IS NOT NULL THEN 'REPLACING'
    WHEN ${isInRolloutStep} THEN 'ROLLOUT'
    ELSE 'NO_SUPERVISOR' END AS reason
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
LEFT JOIN plugins n ON n.replaces_id IS NOT NULL AND n.replaces_id = p.id AND n.wanted
WHERE p.supervisor_id = ANY($1::text[]) AND (p.wanted OR NOT p.unreported)
  AND p.domain_id = coalesce($2::text, p.domain_id)
ORDER BY p.supervisor_id, p.plugin_id, p.version`,
};

/** The plugins that are left on supervisors, of one domain or of all. */
export function readDrains(sql: Sql, supervisorIds: readonly string[], domainId: string | null): Promise<DrainRow[]> {
  return sql.query<DrainRow>(statement, [supervisorIds, domainId]);
}
