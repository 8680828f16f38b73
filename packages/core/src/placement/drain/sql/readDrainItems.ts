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
  | 'DEPLOYMENT'
  | 'REPLACING'
  | 'NO_SUPERVISOR';

/** A plugin that is still on a drained supervisor. */
export interface DrainItemRow {
  id: string;
  /** The plugin that is to replace it; null where there is none. */
  replacement: PluginRow | null;
  reason: DrainLeftReason;
}

const statement: Statement = {
  name: 'read_drain_items',
  text: `
SELECT p.id, to_jsonb(n) AS replacement,
  CASE
    WHEN NOT p.wanted THEN 'STOPPING'
    WHEN NOT p.managed THEN 'UNMANAGED'
    WHEN p.pinned THEN 'PINNED'
    WHEN s.drain_state = 'EXPIRED' THEN 'DEADLINE_EXCEEDED'
    WHEN n.id IS NOT NULL THEN 'REPLACING'
    WHEN ${isInRolloutStep} THEN 'ROLLOUT'
    WHEN p.deployment_id IS NOT NULL THEN 'DEPLOYMENT'
    ELSE 'NO_SUPERVISOR' END AS reason
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
LEFT JOIN plugins n ON n.replaces_id IS NOT NULL AND n.replaces_id = p.id AND n.wanted
WHERE p.id = ANY($1::text[])`,
};

/** Why these plugins are left on drained supervisors. */
export function readDrainItems(sql: Sql, pluginInstanceIds: readonly string[]): Promise<DrainItemRow[]> {
  return sql.query<DrainItemRow>(statement, [pluginInstanceIds]);
}
