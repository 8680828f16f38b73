import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../base/rows.ts';
import type { PluginReason } from '../../plugin/lifecycle.ts';

/** A plugin to place on one supervisor. */
export interface Placement {
  /** The id of the row, should it be new. */
  instanceId: string;
  supervisorId: string;
  domainId: string;
  pluginId: string;
  version: string;
  labels: object;
  /** The plugin to replace; null for none. */
  replacesId: string | null;
  reason: PluginReason | null;
  /** Whether to place despite a cordon: a rollback restores a plugin that was there. */
  despiteCordon: boolean;
  deadlineMs: number;
  clockOffsetMs: number;
  actor: string;
}

/**
 * P1. The supervisor must still take plugins, and is locked to do so until the commit. An unmanaged plugin of the
 * domain becomes managed. A plugin that is being uninstalled gets a new generation, as by a recover, so that no report
 * about its removal counts (P3).
 */
const statement: Statement = {
  name: 'place_plugin',
  text: `
WITH target AS MATERIALIZED (
  SELECT id FROM supervisors
  WHERE id = $2::text AND state = 'ENABLED' AND (is_public OR domain_id = $3::text) AND ($9::boolean OR NOT cordoned)
  FOR SHARE
)
INSERT INTO plugins AS p (id, supervisor_id, domain_id, plugin_id, version, state, managed, wanted, reason,
  deadline_at, placement_labels, replaces_id, unreported, actor)
SELECT $1::text, target.id, $3::text, $4::text, $5::text, 'PROVISIONING', true, true, $8::text,
  now() + ($10::float8 + $11::float8) * interval '1 millisecond', $6::jsonb, $7::text, true, $12::text
FROM target
ON CONFLICT (supervisor_id, plugin_id, version, domain_id) DO UPDATE SET
  managed = true,
  wanted = true,
  state = CASE WHEN p.wanted THEN p.state ELSE 'RE_PROVISIONING' END,
  generation = CASE WHEN p.wanted THEN p.generation ELSE p.generation + 1 END,
  reason = CASE WHEN p.wanted THEN p.reason ELSE excluded.reason END,
  deadline_at = CASE WHEN p.wanted THEN p.deadline_at ELSE excluded.deadline_at END,
  attempt = CASE WHEN p.wanted THEN p.attempt ELSE 1 END,
  next_attempt_at = CASE WHEN p.wanted THEN p.next_attempt_at END,
  missing_reports = 0,
  missing_since = NULL,
  placement_labels = excluded.placement_labels,
  replaces_id = excluded.replaces_id,
  actor = excluded.actor
WHERE NOT (p.managed AND p.wanted)
RETURNING to_jsonb(p) AS row`,
};

/** Places a plugin on a supervisor; undefined where the supervisor no longer takes it. */
export async function placePlugin(sql: Sql, placement: Placement): Promise<PluginRow | undefined> {
  const [placed] = await sql.query<{ row: PluginRow }>(statement, [
    placement.instanceId,
    placement.supervisorId,
    placement.domainId,
    placement.pluginId,
    placement.version,
    JSON.stringify(placement.labels),
    placement.replacesId,
    placement.reason,
    placement.despiteCordon,
    placement.deadlineMs,
    placement.clockOffsetMs,
    placement.actor,
  ]);
  return placed?.row;
}
