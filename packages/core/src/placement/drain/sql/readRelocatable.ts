import type { Sql, Statement } from '@muster/db';
import type { PluginReason } from '../../../plugin/lifecycle.ts';
import { pluginReasons } from '../../../plugin/lifecycle.ts';

/** A plugin that is to be moved, and nothing takes its place yet. */
export interface RelocatablePlugin {
  id: string;
  domainId: string;
  pluginId: string;
  version: string;
  /** M1: what the labels of its next supervisor must contain. */
  labels: object;
  reason: PluginReason;
}

export interface RelocationQuery {
  /** The only supervisor to look at; null for all. */
  supervisorId: string | null;
  /** The only plugin to look at; null for all. */
  id: string | null;
  /** Plugins after this one, by id. */
  afterId: string;
  /** 0 leaves plugins on supervisors that are DISCONNECTED. */
  replaceAfterMs: number;
  clockOffsetMs: number;
  limit: number;
}

/**
 * What takes another's place itself is not moved but begun anew (restartRelocations), and what a rollout is at work on waits
 * for its step to end.
 */
const statement: Statement = {
  name: 'read_relocatable',
  text: `
SELECT p.id, p.domain_id AS "domainId", p.plugin_id AS "pluginId", p.version, p.placement_labels AS labels,
  CASE WHEN s.drain_state = 'DRAINING' THEN '${pluginReasons.drained}' ELSE '${pluginReasons.supervisorLost}' END AS reason
FROM supervisors s
JOIN plugins p ON p.supervisor_id = s.id
LEFT JOIN leases l ON l.supervisor_id = s.id
CROSS JOIN (SELECT now() + $5::float8 * interval '1 millisecond' AS now) m
WHERE (s.drain_state = 'DRAINING' OR (
    $4::float8 > 0 AND s.state = 'DISCONNECTED' AND l.expires_at < m.now - $4::float8 * interval '1 millisecond'))
  AND s.id = coalesce($1::text, s.id) AND p.id = coalesce($2::text, p.id) AND p.id > $3::text
  AND p.managed AND p.wanted
  AND NOT EXISTS (SELECT FROM plugins n WHERE n.replaces_id IS NOT NULL AND n.replaces_id = p.id AND n.wanted)
  AND NOT EXISTS (SELECT FROM plugins o WHERE o.id = p.replaces_id AND o.wanted)
  AND NOT EXISTS (
    SELECT FROM rollout_steps t
    JOIN rollouts r ON r.id = t.rollout_id
    WHERE t.supervisor_id = s.id AND t.state IN ('INSTALLING', 'REVERTING')
      AND r.domain_id = p.domain_id AND r.plugin_id = p.plugin_id)
ORDER BY p.id
LIMIT $6::int`,
};

export function readRelocatable(sql: Sql, query: RelocationQuery): Promise<RelocatablePlugin[]> {
  const { supervisorId, id, afterId, replaceAfterMs, clockOffsetMs, limit } = query;
  return sql.query<RelocatablePlugin>(statement, [supervisorId, id, afterId, replaceAfterMs, clockOffsetMs, limit]);
}
