import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';
import type { PluginReason } from '../../../plugin/lifecycle.ts';
import { withdrawnSet } from '../../../plugin/sql/withdrawnSet.ts';

/** The plugin to withdraw, and why. */
export interface VersionWithdrawal {
  supervisorId: string;
  domainId: string;
  pluginId: string;
  version: string;
  /** The rollout's deployment; null for a rollout of one-off installs. */
  deploymentId: string | null;
  reason: PluginReason;
}

const statement: Statement = {
  name: 'withdraw_version',
  text: `
UPDATE plugins p SET
  ${withdrawnSet('$5::text', `'${systemSubject}'`)}
WHERE p.supervisor_id = $1::text AND p.domain_id = $2::text AND p.plugin_id = $3::text AND p.version = $4::text
  AND p.wanted AND p.deployment_id IS NOT DISTINCT FROM $6::text`,
};

/** Withdraws one version of a plugin on one supervisor, unless somebody else has installed it there meanwhile (C4). */
export async function withdrawVersion(sql: Sql, removal: VersionWithdrawal): Promise<void> {
  const { supervisorId, domainId, pluginId, version, reason, deploymentId } = removal;
  await sql.query(statement, [supervisorId, domainId, pluginId, version, reason, deploymentId]);
}
