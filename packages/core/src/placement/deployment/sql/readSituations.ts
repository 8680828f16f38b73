import type { Deployment, Sql } from '@muster/db';
import type { CoreInternals } from '../../../core.ts';
import { compileCondition } from '../../../query/compile.ts';
import { createParameters } from '../../../query/context.ts';
import { isReplaced, isReplacement } from '../../sql/relocation.ts';
import { storedSelector } from '../deploymentSelector.ts';
import type { SupervisorSituation } from '../deploymentSituation.ts';

/** The supervisors to look at. */
export interface SituationsQuery {
  readonly deployment: Deployment;
  readonly clockOffsetMs: number;
  /** Whether also those that neither match nor have anything of the deployment: for an explanation. */
  readonly includesOthers: boolean;
}

/** The supervisors that a deployment may know of (A3, A6), as it looks at them. */
export function readSituations(
  { statements }: Pick<CoreInternals, 'statements'>,
  sql: Sql,
  query: SituationsQuery,
): Promise<SupervisorSituation[]> {
  const { deployment, clockOffsetMs, includesOthers } = query;
  const parameters = createParameters();
  const scope = { domainId: deployment.domainId };
  const id = parameters.add(deployment.id, 'text');
  const domain = parameters.add(deployment.domainId, 'text');
  const pluginId = parameters.add(deployment.pluginId, 'text');
  const labels = parameters.add(JSON.stringify(deployment.labels), 'jsonb');
  const filter = compileCondition({ parameters, scope }, 'supervisor', storedSelector(deployment.filter), 's');
  const isInReach = `(s.domain_id = ${domain} OR (s.is_public AND ${parameters.add(deployment.allowPublic, 'boolean')}))`;
  const now = `(now() + ${parameters.add(clockOffsetMs, 'float8')} * interval '1 millisecond')`;
  const replaceAfter = parameters.add(deployment.replaceAfterSeconds, 'int');
  const spreadBy = parameters.add(deployment.spreadBy, 'text');
  const since = parameters.add(deployment.versionSince, 'timestamptz');
  const version = parameters.add(deployment.version, 'text');
  const isOfVersion = `(r.deployment_id = ${id} AND r.to_version = ${version} AND r.created_at >= ${since})`;
  const isSelected = `(${isInReach} AND s.labels @> ${labels} AND ${filter})`;
  // M2: only COUNT chooses.
  const pluginCount = `(SELECT count(*)::int FROM plugins p WHERE p.supervisor_id = s.id AND p.domain_id = ${domain} AND p.wanted)`;
  const text = `
WITH own AS MATERIALIZED (
  SELECT p.supervisor_id, coalesce(bool_or(p.deployment_id = ${id}), false) AS has,
    jsonb_agg(jsonb_build_object('id', p.id, 'version', p.version, 'state', p.state, 'managed', p.managed,
      'wanted', p.wanted, 'pinned', p.pinned, 'unreported', p.unreported, 'deploymentId', p.deployment_id,
      'isRelocating', p.deployment_id IS NULL AND (${isReplacement} OR ${isReplaced})) ORDER BY p.id) AS plugins
  FROM plugins p
  WHERE p.domain_id = ${domain} AND p.plugin_id = ${pluginId}
  GROUP BY p.supervisor_id
),
steps AS MATERIALIZED (
  SELECT t.supervisor_id,
    bool_or(r.ended_at IS NULL AND t.state IN ('INSTALLING', 'REVERTING')) AS "isInStep",
    coalesce(bool_or(${isOfVersion} AND t.state = 'FAILED'), false) AS "hasFailed"
  FROM rollouts r JOIN rollout_steps t ON t.rollout_id = r.id
  WHERE r.domain_id = ${domain} AND r.plugin_id = ${pluginId} AND (r.ended_at IS NULL OR ${isOfVersion})
  GROUP BY t.supervisor_id
)
SELECT s.id, s.name, s.domain_id AS "domainId", s.state, s.cordoned, s.priority, ${isInReach} AS "isInReach",
  coalesce(s.drain_state = 'DRAINING', false) AS "isDraining",
  CASE WHEN NOT s.labels @> ${labels} THEN (
    SELECT jsonb_object_agg(asked.key, asked.value) FROM jsonb_each(${labels}) AS asked
    WHERE NOT s.labels @> jsonb_build_object(asked.key, asked.value)) END AS "lackingLabels",
  ${filter} AS "meetsFilter",
  ${isAwaySql('s', replaceAfter, now)} AS "isAway",
  s.labels ->> ${spreadBy} AS "spreadValue",
  ${deployment.mode === 'COUNT' ? pluginCount : '0'} AS "pluginCount",
  coalesce(steps."isInStep", false) AS "isInStep", coalesce(steps."hasFailed", false) AS "hasFailed",
  coalesce(own.plugins, '[]') AS plugins
FROM supervisors s
LEFT JOIN own ON own.supervisor_id = s.id
LEFT JOIN steps ON steps.supervisor_id = s.id
WHERE ${includesOthers ? isInReach : isSelected} OR own.has
ORDER BY s.id`;
  return sql.query<SupervisorSituation>(statements.named(text, deployment.domainId), parameters.values);
}

/**
 * C3: SQL for "this supervisor (`alias`) has been away for longer than the deployment waits".
 *
 * @param replaceAfter SQL for the seconds; null for ever
 * @param now SQL for the present time
 */
export function isAwaySql(alias: string, replaceAfter: string, now: string): string {
  return `coalesce(${alias}.state = 'DISCONNECTED' AND (
    SELECT l.expires_at FROM leases l WHERE l.supervisor_id = ${alias}.id) < ${now} - ${replaceAfter} * interval '1 second', false)`;
}
