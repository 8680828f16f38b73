import type { Deployment, Plugin, Rollout, RolloutStep, Supervisor } from '@muster/db';
import type { TestCore } from '../testCore.ts';

type SeenSupervisor = Pick<
  Supervisor,
  | 'id'
  | 'domainId'
  | 'hostname'
  | 'state'
  | 'labels'
  | 'isPublic'
  | 'cordoned'
  | 'drainState'
  | 'drainGroup'
  | 'drainMaxParallel'
>;

type PluginRow = Pick<
  Plugin,
  | 'id'
  | 'supervisorId'
  | 'domainId'
  | 'pluginId'
  | 'version'
  | 'generation'
  | 'state'
  | 'managed'
  | 'wanted'
  | 'unreported'
  | 'endpoint'
  | 'reason'
  | 'pinned'
  | 'placementLabels'
  | 'replacesId'
  | 'deploymentId'
>;

/** A plugin with its supervisor, which may be of another domain. */
export type SeenPlugin = PluginRow & { readonly supervisor: SeenSupervisor };

/** A rollout with its steps. */
export type SeenRollout = Pick<Rollout, 'id' | 'state' | 'pluginId' | 'fromVersion' | 'toVersion'> & {
  readonly isOver: boolean;
  readonly steps: readonly Pick<RolloutStep, 'supervisorId' | 'state'>[];
};

/** A deployment with its status. */
export type SeenDeployment = Pick<
  Deployment,
  | 'id'
  | 'name'
  | 'pluginId'
  | 'version'
  | 'mode'
  | 'count'
  | 'maxUnavailable'
  | 'desired'
  | 'active'
  | 'updating'
  | 'failed'
> & {
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
  /** Whether its last event shows it as it is (E1). */
  readonly isTold: boolean;
};

/** The rows of one domain at one moment. */
export interface Sight {
  readonly supervisors: readonly SeenSupervisor[];
  /** All of its plugins. */
  readonly plugins: readonly SeenPlugin[];
  /** The managed plugins that are wanted. */
  readonly wanted: readonly SeenPlugin[];
  /** The managed plugins that are wanted no more, and were reported. */
  readonly stopping: readonly SeenPlugin[];
  /** The oldest first. */
  readonly rollouts: readonly SeenRollout[];
  /** The oldest first. */
  readonly deployments: readonly SeenDeployment[];
  /** Of each plugin, on how many supervisors a rollout has both versions. */
  readonly rolling: ReadonlyMap<string, number>;
  /** The plugins with a rollout that is not over. */
  readonly upgrading: ReadonlySet<string>;
}

interface DomainRows {
  readonly domainId: string;
  readonly supervisors: readonly SeenSupervisor[];
  readonly plugins: readonly PluginRow[];
  readonly rollouts: readonly SeenRollout[];
  readonly deployments: readonly SeenDeployment[];
}

const statement = {
  name: 'see_placement',
  text: `
SELECT d.id AS "domainId",
  coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'id', s.id, 'domainId', s.domain_id, 'hostname', s.hostname, 'state', s.state, 'labels', s.labels,
      'isPublic', s.is_public, 'cordoned', s.cordoned, 'drainState', s.drain_state, 'drainGroup', s.drain_group,
      'drainMaxParallel', s.drain_max_parallel))
    FROM supervisors s WHERE s.domain_id = d.id), '[]') AS supervisors,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'id', p.id, 'supervisorId', p.supervisor_id, 'domainId', p.domain_id, 'pluginId', p.plugin_id,
      'version', p.version, 'generation', p.generation, 'state', p.state, 'managed', p.managed, 'wanted', p.wanted, 'unreported', p.unreported, 'endpoint', p.endpoint, 'reason', p.reason,
      'pinned', p.pinned, 'placementLabels', p.placement_labels, 'replacesId', p.replaces_id, 'deploymentId', p.deployment_id))
    FROM plugins p WHERE p.domain_id = d.id), '[]') AS plugins,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'id', r.id, 'state', r.state, 'pluginId', r.plugin_id, 'fromVersion', r.from_version, 'toVersion', r.to_version,
      'isOver', r.ended_at IS NOT NULL, 'steps', coalesce((
        SELECT jsonb_agg(jsonb_build_object('supervisorId', t.supervisor_id, 'state', t.state))
        FROM rollout_steps t WHERE t.rollout_id = r.id), '[]')) ORDER BY r.created_at, r.id)
    FROM rollouts r WHERE r.domain_id = d.id), '[]') AS rollouts,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'id', w.id, 'name', w.name, 'pluginId', w.plugin_id, 'version', w.version, 'mode', w.mode, 'count', w.count,
      'maxUnavailable', w.max_unavailable, 'desired', w.desired, 'active', w.active, 'updating', w.updating,
      'failed', w.failed, 'conditions', w.conditions, 'isTold', (
        SELECT e.row = to_jsonb(w) FROM events e WHERE e.deployment_id = w.id ORDER BY e.seq DESC LIMIT 1))
      ORDER BY w.created_at, w.id)
    FROM deployments w WHERE w.domain_id = d.id), '[]') AS deployments
FROM unnest($1::text[]) d(id)`,
};

/** Reads domains, all by one statement, and returns them by their ids. */
export async function look({ db }: TestCore, domainIds: readonly string[]): Promise<ReadonlyMap<string, Sight>> {
  const rows = await db.sql.query<DomainRows>(statement, [domainIds]);
  const supervisors = new Map(rows.flatMap((row) => row.supervisors.map((each) => [each.id, each])));
  return new Map(rows.map((row) => [row.domainId, sightOf(row, supervisors)]));
}

function sightOf(row: DomainRows, supervisors: ReadonlyMap<string, SeenSupervisor>): Sight {
  const plugins = row.plugins.flatMap((plugin) => {
    const supervisor = supervisors.get(plugin.supervisorId);
    return supervisor ? [{ ...plugin, supervisor }] : [];
  });
  const managed = plugins.filter((plugin) => plugin.managed);
  const wanted = managed.filter((plugin) => plugin.wanted);
  const has = (supervisorId: string, pluginId: string, version: string) =>
    wanted.some((each) => each.supervisorId === supervisorId && each.pluginId === pluginId && each.version === version);
  const running = row.rollouts.filter(({ isOver }) => !isOver);
  const rolling = running.map(({ pluginId, fromVersion, toVersion, steps }): [string, number] => {
    const both = steps.filter(
      ({ state, supervisorId }) =>
        (state === 'INSTALLING' || state === 'REVERTING') &&
        has(supervisorId, pluginId, fromVersion) &&
        has(supervisorId, pluginId, toVersion),
    );
    return [pluginId, both.length];
  });
  return {
    supervisors: row.supervisors,
    plugins,
    wanted,
    stopping: managed.filter((plugin) => !plugin.wanted && !plugin.unreported),
    rollouts: row.rollouts,
    deployments: row.deployments,
    rolling: new Map(rolling),
    upgrading: new Set(running.map(({ pluginId }) => pluginId)),
  };
}

/** Whether a plugin is to take the place of another that is still there. */
export function isReplacement(sight: Sight, { replacesId }: Pick<Plugin, 'replacesId'>): boolean {
  return sight.wanted.some(({ id }) => id === replacesId);
}

/** How often a plugin is wanted, what moves or is upgraded counted once. */
export function countOf(sight: Sight, pluginId: string): number {
  const own = sight.wanted.filter((plugin) => plugin.pluginId === pluginId && !isReplacement(sight, plugin));
  return own.length - (sight.rolling.get(pluginId) ?? 0);
}
