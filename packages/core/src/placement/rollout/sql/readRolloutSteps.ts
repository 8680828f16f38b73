import type { Sql, Statement } from '@muster/db';
import { isReplaced, isReplacement } from '../../sql/relocation.ts';
import type { StepSituation } from '../stepSituation.ts';

const plugin = (version: string) => `(
    SELECT jsonb_build_object('state', p.state, 'isWanted', p.managed AND p.wanted, 'reason', p.reason, 'message', p.message)
    FROM plugins p
    WHERE p.supervisor_id = s.id AND p.domain_id = r.domain_id AND p.plugin_id = r.plugin_id AND p.version = ${version})`;

const statement: Statement = {
  name: 'read_rollout_steps',
  text: `
SELECT s.id AS "supervisorId", t.state, t.message, s.state AS "supervisorState", s.cordoned,
  s.labels @> r.labels AS "matchesLabels",
  coalesce(t.healthy_since + r.min_healthy_seconds * interval '1 second' <= least(m.now, t.deadline_at), false) AS "isHealthy",
  coalesce(t.deadline_at <= m.now, false) AS "isOverdue",
  EXISTS (
    SELECT FROM plugins p
    WHERE p.supervisor_id = s.id AND p.domain_id = r.domain_id AND p.plugin_id = r.plugin_id
      AND p.version IN (r.from_version, r.to_version) AND p.wanted AND (${isReplacement} OR ${isReplaced})) AS "isRelocating",
  ${plugin('r.from_version')} AS "from",
  ${plugin('r.to_version')} AS "to",
  coalesce((
    SELECT jsonb_build_object('labels', p.placement_labels, 'allowPublic', p.allow_public, 'pinned', p.pinned) FROM plugins p
    WHERE p.supervisor_id = s.id AND p.domain_id = r.domain_id AND p.plugin_id = r.plugin_id
      AND p.version IN (r.from_version, r.to_version)
    ORDER BY p.version = r.from_version DESC
    LIMIT 1), '{"labels": {}, "allowPublic": true, "pinned": false}') AS placement
FROM rollout_steps t
JOIN rollouts r ON r.id = t.rollout_id
JOIN supervisors s ON s.id = t.supervisor_id
CROSS JOIN (SELECT now() + $2::float8 * interval '1 millisecond' AS now) m
WHERE t.rollout_id = $1::text
ORDER BY t.position`,
};

/** The steps of a rollout in their order, with the supervisor and the plugins of each. */
export function readRolloutSteps(sql: Sql, rolloutId: string, clockOffsetMs: number): Promise<StepSituation[]> {
  return sql.query<StepSituation>(statement, [rolloutId, clockOffsetMs]);
}
