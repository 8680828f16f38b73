import type { Sql, Statement } from '@muster/db';

/**
 * S5: whether an agent of a supervisor (`s`) still runs what it reported. A DISABLED supervisor keeps its state when its
 * agent goes silent, so there the lease says it.
 *
 * @param clockOffsetMs SQL of the milliseconds by which the clock is read ahead
 */
function isLive(clockOffsetMs: string): string {
  return `(s.state <> 'DISCONNECTED' AND (s.state <> 'DISABLED' OR EXISTS (
        SELECT FROM leases l
        WHERE l.supervisor_id = s.id AND l.expires_at >= now() + ${clockOffsetMs} * interval '1 millisecond')))`;
}

/**
 * S5: whether a plugin (`p`) of a supervisor (`s`) bars the supervisor's deregistration: it is managed, and wanted or
 * still run by a live agent. An unwanted row goes with the first report that lacks it, so one that is there and was ever
 * reported is in the last report.
 */
export function barsDeregistration(clockOffsetMs: string): string {
  return `(p.managed AND (p.wanted OR (NOT p.unreported AND ${isLive(clockOffsetMs)})))`;
}

const statement: Statement = {
  name: 'read_barring_plugins',
  text: `
SELECT p.domain_id AS "domainId", p.plugin_id AS "pluginId", p.version
FROM plugins p
JOIN supervisors s ON s.id = p.supervisor_id
WHERE s.id = $1::text AND ($3::text IS NULL OR s.domain_id = $3::text) AND ${barsDeregistration('$2::float8')}
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
  supervisor: { id: string; domainId: string | null; clockOffsetMs: number },
): Promise<BarringPlugin[]> {
  return sql.query<BarringPlugin>(statement, [supervisor.id, supervisor.clockOffsetMs, supervisor.domainId]);
}
