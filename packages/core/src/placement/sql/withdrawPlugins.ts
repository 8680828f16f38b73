import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../base/rows.ts';
import { pluginReasons } from '../../plugin/lifecycle.ts';

export interface Withdrawal {
  domainId: string;
  pluginId: string;
  version: string;
  /** Null for all supervisors. */
  supervisorId: string | null;
  actor: string;
}

/** With a plugin goes what was to take its place. */
const statement: Statement = {
  name: 'withdraw_plugins',
  text: `
WITH meant AS MATERIALIZED (
  SELECT p.id, p.wanted FROM plugins p
  WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND p.version = $3::text
    AND p.supervisor_id = coalesce($4::text, p.supervisor_id)
),
withdrawn AS (
  UPDATE plugins p SET
    wanted = false,
    replaces_id = NULL,
    reason = '${pluginReasons.uninstalled}',
    next_attempt_at = NULL,
    actor = $5::text
  WHERE p.wanted AND (
    p.id = ANY(ARRAY(SELECT id FROM meant)) OR p.replaces_id = ANY(ARRAY(SELECT id FROM meant WHERE wanted)))
  RETURNING p.*
)
SELECT to_jsonb(w) AS row, true AS changed FROM withdrawn w
UNION ALL
SELECT to_jsonb(p), false FROM plugins p JOIN meant m ON m.id = p.id WHERE NOT m.wanted`,
};

/** P4: withdraws the wish for plugins; returns them, and whether that changed each. */
export function withdrawPlugins(sql: Sql, withdrawal: Withdrawal): Promise<{ row: PluginRow; changed: boolean }[]> {
  return sql.query<{ row: PluginRow; changed: boolean }>(statement, [
    withdrawal.domainId,
    withdrawal.pluginId,
    withdrawal.version,
    withdrawal.supervisorId,
    withdrawal.actor,
  ]);
}
