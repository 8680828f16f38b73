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
  reason: PluginReason;
}

const statement: Statement = {
  name: 'withdraw_version',
  text: `
UPDATE plugins p SET
  ${withdrawnSet('$5::text', `'${systemSubject}'`)}
WHERE p.supervisor_id = $1::text AND p.domain_id = $2::text AND p.plugin_id = $3::text AND p.version = $4::text
  AND p.wanted`,
};

/** Withdraws one version of a plugin on one supervisor. */
export async function withdrawVersion(sql: Sql, removal: VersionWithdrawal): Promise<void> {
  const { supervisorId, domainId, pluginId, version, reason } = removal;
  await sql.query(statement, [supervisorId, domainId, pluginId, version, reason]);
}
