import type { Sql, Statement } from '@muster/db';

/**
 * S5: whether a plugin (`p`) of a supervisor (`s`) bars the supervisor's deregistration: it is managed, and wanted or
 * still run by a live agent. An unwanted row goes with the first report that lacks it, so one that is there and was ever
 * reported is in the last report.
 */
export const barsDeregistration = '(p.managed AND (p.wanted OR (s.connected AND NOT p.unreported)))';

const statement: Statement = {
  name: 'read_barring_plugins',
  text: `
SELECT p.domain_id AS "domainId", p.plugin_id AS "pluginId", p.version
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
WHERE s.id = $1::text AND s.domain_id = $2::text AND ${barsDeregistration}
ORDER BY p.plugin_id, p.version, p.domain_id`,
};

/** A plugin that bars a deregistration. */
export interface BarringPlugin {
  domainId: string;
  pluginId: string;
  version: string;
}

/** The plugins that bar a supervisor's deregistration (S5), also those of other domains: they would be deleted as well. */
export function readBarringPlugins(
  sql: Sql,
  { id, domainId }: { id: string; domainId: string },
): Promise<BarringPlugin[]> {
  return sql.query<BarringPlugin>(statement, [id, domainId]);
}
