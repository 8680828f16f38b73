import type { Sql, Statement } from '@muster/db';
import type { PluginReason } from '../../../plugin/lifecycle.ts';
import { pluginReasons } from '../../../plugin/lifecycle.ts';
import { isReplaced, isReplacement } from '../../sql/relocation.ts';

/** A plugin that may be relocated. */
export interface RelocatablePlugin {
  id: string;
  domainId: string;
  pluginId: string;
  version: string;
  /** M1: the labels that the next supervisor must have. */
  labels: object;
  /** M2: whether a public supervisor of another domain may be the next one. */
  allowPublic: boolean;
  reason: PluginReason;
  /** D3: the supervisors that are tried last. */
  failedSupervisorIds: string[];
}

/** The plugins to look at, and when a supervisor counts as lost. */
export interface RelocationQuery {
  /** The only supervisor to look at; null for all. */
  supervisorId: string | null;
  /** The only plugin to look at; null for all. */
  id: string | null;
  /** Only plugins with a greater id are looked at; '' for all. */
  afterId: string;
  /** How long a supervisor must be DISCONNECTED for its plugins to be relocated; 0 to leave them there. */
  replaceAfterMs: number;
  clockOffsetMs: number;
  limit: number;
}

/**
 * Whether a supervisor (`s`, with lease `l`) has its plugins relocated: it is being drained, or lost for longer than `$4`
 * milliseconds at the time `m.now`.
 */
export const losesPlugins = `(s.drain_state = 'DRAINING' OR (
    $4::float8 > 0 AND s.state = 'DISCONNECTED' AND l.expires_at < m.now - $4::float8 * interval '1 millisecond'))`;

/** Why the plugins of such a supervisor are relocated. */
export const relocationReason = `CASE WHEN s.drain_state = 'DRAINING' THEN '${pluginReasons.drained}'
    ELSE '${pluginReasons.supervisorLost}' END`;

/** Whether a rollout is changing a plugin (`p`) on a supervisor (`s`): the step must end first. */
export const isInRolloutStep = `EXISTS (
    SELECT FROM rollout_steps t
    JOIN rollouts r ON r.id = t.rollout_id
    WHERE t.supervisor_id = s.id AND t.state IN ('INSTALLING', 'REVERTING')
      AND r.domain_id = p.domain_id AND r.plugin_id = p.plugin_id)`;

/**
 * The whole rule of which plugins may be relocated. A replacement is restarted instead (restartRelocations.ts). C3: a
 * deployment moves its plugins itself.
 */
const mayBeRelocated = `${losesPlugins} AND p.managed AND p.wanted AND NOT p.pinned AND p.deployment_id IS NULL
  AND NOT ${isReplaced}
  AND NOT ${isReplacement}
  AND NOT ${isInRolloutStep}`;

const statement: Statement = {
  name: 'read_relocatable',
  text: `
SELECT p.id, p.domain_id AS "domainId", p.plugin_id AS "pluginId", p.version, p.placement_labels AS labels,
  p.allow_public AS "allowPublic",
  ${relocationReason} AS reason, p.failed_supervisor_ids AS "failedSupervisorIds"
FROM supervisors s
JOIN plugins p ON p.supervisor_id = s.id
LEFT JOIN leases l ON l.supervisor_id = s.id
CROSS JOIN (SELECT now() + $5::float8 * interval '1 millisecond' AS now) m
WHERE ${mayBeRelocated}
  AND s.id = coalesce($1::text, s.id) AND p.id = coalesce($2::text, p.id) AND p.id > $3::text
ORDER BY p.id
LIMIT $6::int`,
};

/** The plugins that may be relocated now, by id. */
export function readRelocatable(sql: Sql, query: RelocationQuery): Promise<RelocatablePlugin[]> {
  const { supervisorId, id, afterId, replaceAfterMs, clockOffsetMs, limit } = query;
  return sql.query<RelocatablePlugin>(statement, [supervisorId, id, afterId, replaceAfterMs, clockOffsetMs, limit]);
}
