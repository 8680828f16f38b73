import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../base/rows.ts';
import type { PluginReason } from '../../plugin/lifecycle.ts';

/** A plugin to place, wherever. */
export interface Placement {
  domainId: string;
  pluginId: string;
  version: string;
  labels: object;
  /** M2: whether a public supervisor of another domain may take it. */
  allowPublic: boolean;
  /** M6: whether the plugin stays on its supervisor whatever happens to that. */
  pinned: boolean;
  /** The plugin to replace; null for none. */
  replacesId: string | null;
  /** M7: the deployment that it is kept for; null for a one-off install. */
  deploymentId: string | null;
  reason: PluginReason | null;
  /** Whether to place despite a cordon: a rollback restores a plugin that was there. */
  despiteCordon: boolean;
  deadlineMs: number;
  clockOffsetMs: number;
  actor: string;
  /** A8: how many plugins the domain may have; null for no bound. */
  quota: number | null;
}

/** One of the supervisors on which a plugin is placed. */
export interface PlacementTarget {
  /** The id of the row, should it be new. */
  readonly instanceId: string;
  readonly supervisorId: string;
}

/**
 * P1. Each supervisor must still take plugins, and is locked to do so until the commit. An unmanaged plugin of the
 * domain becomes managed. A plugin that is being uninstalled gets a new generation, as by a recover, so that no report
 * about its removal counts (P3). The domain's usage is locked, and read as every earlier transaction left it (A8); the
 * supervisors are locked before it, all of them, in one order, since a report locks its supervisor first, too.
 */
const statement: Statement = {
  name: 'place_plugins',
  text: `
WITH target AS MATERIALIZED (
  SELECT s.id AS supervisor_id, array_position($2::text[], s.id) AS place
  FROM supervisors s
  WHERE s.id = ANY($2::text[]) AND s.state = 'ENABLED'
    AND (s.domain_id = $3::text OR (s.is_public AND $13::boolean)) AND ($9::boolean OR NOT s.cordoned)
  ORDER BY s.id
  FOR SHARE
),
usage AS (
  INSERT INTO domain_usage AS u (domain_id) SELECT $3::text FROM target HAVING count(*) > 0
  ON CONFLICT (domain_id) DO UPDATE SET plugins = u.plugins
  RETURNING u.plugins
),
known AS MATERIALIZED (
  SELECT target.*, EXISTS (
    SELECT FROM plugins p
    WHERE p.supervisor_id = target.supervisor_id AND p.plugin_id = $4::text AND p.version = $5::text AND p.domain_id = $3::text) AS is_there
  FROM target
),
room AS MATERIALIZED (
  SELECT known.*, known.is_there OR coalesce(
    usage.plugins + count(*) FILTER (WHERE NOT known.is_there) OVER (ORDER BY known.place) <= $14::int, true) AS is_left
  FROM known, usage
),
placed AS (
  INSERT INTO plugins AS p (id, supervisor_id, domain_id, plugin_id, version, state, managed, wanted, reason,
    deadline_at, placement_labels, allow_public, pinned, replaces_id, unreported, actor, deployment_id)
  SELECT ($1::text[])[room.place], room.supervisor_id, $3::text, $4::text, $5::text, 'PROVISIONING', true, true, $8::text,
    now() + ($10::float8 + $11::float8) * interval '1 millisecond', $6::jsonb, $13::boolean, $15::boolean, $7::text, true, $12::text, $16::text
  FROM room WHERE room.is_left ORDER BY room.place
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
    allow_public = excluded.allow_public,
    pinned = excluded.pinned,
    failed_supervisor_ids = '{}',
    replaces_id = excluded.replaces_id,
    deployment_id = excluded.deployment_id,
    actor = excluded.actor
  WHERE NOT (p.managed AND p.wanted)
  RETURNING to_jsonb(p) AS row
)
SELECT (SELECT coalesce(jsonb_agg(row), '[]') FROM placed) AS placed, EXISTS (SELECT FROM room WHERE NOT is_left) AS "isOverQuota"`,
};

/** The plugins that were placed, and why others were not. */
export interface PlacedPlugins {
  /** Those that could be placed; the supervisors of others no longer take it. */
  readonly placed: readonly PluginRow[];
  /** A8: whether there was no room for some: the first of the targets had it. */
  readonly isOverQuota: boolean;
}

/** Places a plugin on supervisors, each of which is given once: those that no longer take it are left out. */
export async function placePlugins(
  sql: Sql,
  placement: Placement,
  targets: readonly PlacementTarget[],
): Promise<PlacedPlugins> {
  const [answer] = await sql.query<PlacedPlugins>(statement, [
    targets.map(({ instanceId }) => instanceId),
    targets.map(({ supervisorId }) => supervisorId),
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
    placement.allowPublic,
    placement.quota,
    placement.pinned,
    placement.deploymentId,
  ]);
  if (!answer) throw new Error('a placement got no answer');
  return answer;
}

/** Places a plugin on one supervisor; undefined where the supervisor no longer takes it. */
export async function placePlugin(
  sql: Sql,
  { instanceId, supervisorId, ...placement }: Placement & PlacementTarget,
): Promise<PluginRow | 'OVER_QUOTA' | undefined> {
  const { placed, isOverQuota } = await placePlugins(sql, placement, [{ instanceId, supervisorId }]);
  return isOverQuota ? 'OVER_QUOTA' : placed[0];
}
