import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../base/rows.ts';
import { pluginReasons } from '../../plugin/lifecycle.ts';
import { withdrawnSet } from '../../plugin/sql/withdrawnSet.ts';

/** The plugins to withdraw. */
export interface Withdrawal {
  domainId: string;
  pluginId: string;
  version: string;
  /** Null for all supervisors. */
  supervisorId: string | null;
  actor: string;
}

/** The replacement of a plugin is withdrawn with it. */
const statement: Statement = {
  name: 'withdraw_plugins',
  text: `
WITH named AS MATERIALIZED (
  SELECT p.id, p.wanted FROM plugins p
  WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND p.version = $3::text
    AND p.supervisor_id = coalesce($4::text, p.supervisor_id)
),
withdrawn AS (
  UPDATE plugins p SET
    ${withdrawnSet(`'${pluginReasons.uninstalled}'`, '$5::text')}
  WHERE p.wanted AND (
    p.id = ANY(ARRAY(SELECT id FROM named)) OR p.replaces_id = ANY(ARRAY(SELECT id FROM named WHERE wanted)))
  RETURNING p.*
)
SELECT to_jsonb(w) AS row, true AS changed FROM withdrawn w
UNION ALL
SELECT to_jsonb(p), false FROM plugins p JOIN named m ON m.id = p.id WHERE NOT m.wanted`,
};

/** P4: withdraws plugins; returns them, also those that were withdrawn before, and whether each was changed. */
export function withdrawPlugins(sql: Sql, withdrawal: Withdrawal): Promise<{ row: PluginRow; changed: boolean }[]> {
  return sql.query<{ row: PluginRow; changed: boolean }>(statement, [
    withdrawal.domainId,
    withdrawal.pluginId,
    withdrawal.version,
    withdrawal.supervisorId,
    withdrawal.actor,
  ]);
}
