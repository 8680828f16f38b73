import { expect } from 'vitest';
import type { DeploymentWorld, Selection } from './deploymentWorld.ts';
import type { SeenDeployment, SeenPlugin, Sight } from './placementSight.ts';

const isServing = ({ state, wanted, supervisor }: SeenPlugin) =>
  wanted && state === 'ACTIVE' && (supervisor.state === 'ENABLED' || supervisor.state === 'DISABLED');

/** On how many supervisors a deployment is served. */
function servedBy({ plugins }: Sight, { id }: SeenDeployment): number {
  const serving = plugins.filter((plugin) => plugin.deploymentId === id && isServing(plugin));
  return new Set(serving.map(({ supervisorId }) => supervisorId)).size;
}

/** Compares what a world has with what it had before. */
export function checkDeployments(world: DeploymentWorld, before: Sight): void {
  const { sight: after, oneOffs } = world;
  // C4: what a deployment has adopted is its own.
  for (const { id, deploymentId } of after.plugins) if (deploymentId !== null) oneOffs.delete(id);
  const wanted = new Set(after.wanted.map(({ id }) => id));
  expect(
    [...oneOffs].filter((id) => !wanted.has(id)),
    'one-off installs stay',
  ).toEqual([]);
  const lost = after.deployments.filter(({ isTold }) => !isTold).map(({ name }) => name);
  expect(lost, 'every change is an event').toEqual([]);
  checkNew(world, before);
  for (const deployment of after.deployments) checkWithdrawn(world, before, deployment);
}

/** M1, C3: where plugins are that were not wanted there before, and how many at once. */
function checkNew({ sight: after, selections }: DeploymentWorld, before: Sight): void {
  const known = new Map(before.plugins.map((plugin) => [plugin.id, plugin]));
  const added = after.wanted.filter(({ id, reason }) => reason === 'DEPLOYED' && !known.get(id)?.wanted);
  for (const { supervisor, deploymentId } of added) {
    expect([supervisor.state, supervisor.cordoned], 'nothing new where it must not be').toEqual(['ENABLED', false]);
    const selection = selections.get(deploymentId ?? '');
    if (selection) expect(supervisor.labels).toMatchObject({ ...selection.labels, ...selection.filtered });
  }
  for (const { id, name, maxUnavailable } of after.deployments) {
    const count = added.filter(({ deploymentId }) => deploymentId === id).length;
    expect(count, `${name} installs no more at a time than it may`).toBeLessThanOrEqual(maxUnavailable);
  }
}

/** C3: nothing that serves, and still matches, is withdrawn below what is wanted. */
function checkWithdrawn(world: DeploymentWorld, before: Sight, deployment: SeenDeployment): void {
  const { sight: after, selections } = world;
  const selection = selections.get(deployment.id) ?? { labels: {}, filtered: {} };
  if (deployment.mode !== 'COUNT') return;
  const served = new Set(
    before.plugins.filter((each) => each.deploymentId === deployment.id && isServing(each)).map(({ id }) => id),
  );
  const withdrawn = after.plugins.filter(
    ({ id, wanted, reason, deploymentId, supervisor }) =>
      !wanted &&
      reason === 'UNDEPLOYED' &&
      deploymentId === deployment.id &&
      served.has(id) &&
      // One whose lease ran out in the same sweep served no more.
      supervisor.state !== 'DISCONNECTED' &&
      isSelected(supervisor.labels, selection) &&
      !after.wanted.some((other) => other.supervisorId === supervisor.id && other.pluginId === deployment.pluginId),
  );
  if (withdrawn.length === 0) return;
  expect(servedBy(after, deployment), `${deployment.name} serves as often as wanted`).toBeGreaterThanOrEqual(
    deployment.count ?? 0,
  );
}

function isSelected(own: unknown, { labels, filtered }: Selection): boolean {
  const asked = Object.entries({ ...labels, ...filtered });
  return asked.every(([key, value]) => (own as Record<string, unknown>)[key] === value);
}

/** Whether nothing of a world is under way any more. */
export function isSettled({ sight }: DeploymentWorld): boolean {
  return (
    sight.upgrading.size === 0 &&
    sight.plugins.length === sight.wanted.length &&
    sight.wanted.every(({ state }) => state === 'ACTIVE')
  );
}

/** C2 to C4: all that is wanted is there, and nothing else: where, in which version, and what the status says of it. */
export function checkSettled(world: DeploymentWorld): void {
  const { sight } = world;
  expect([...sight.upgrading], 'every rollout ends').toEqual([]);
  expect(
    sight.wanted.filter(({ state }) => state !== 'ACTIVE'),
    'all that is wanted runs',
  ).toEqual([]);
  expect(sight.plugins.length, 'what is not wanted is gone').toBe(sight.wanted.length);
  for (const [, group] of Map.groupBy(sight.deployments, ({ pluginId }) => pluginId)) {
    const claimed = new Set<string>();
    for (const deployment of group) checkFulfilled(world, deployment, claimed);
  }
}

function checkFulfilled(
  { sight, selections }: DeploymentWorld,
  deployment: SeenDeployment,
  claimed: Set<string>,
): void {
  const { id, name, mode, version, conditions } = deployment;
  const { labels, filtered } = selections.get(id) ?? { labels: {}, filtered: {} };
  const matching = sight.supervisors.filter((supervisor) => isSelected(supervisor.labels, { labels, filtered }));
  const free = matching.filter((supervisor) => !claimed.has(supervisor.id)).map((supervisor) => supervisor.id);
  const own = sight.wanted.filter(({ deploymentId }) => deploymentId === id);
  const places = own.map(({ supervisorId }) => supervisorId);
  const wanted = mode === 'ALL' ? free.length : (deployment.count ?? 0);
  expect(new Set(places).size, `${name} has one version on each supervisor`).toBe(places.length);
  expect(
    places.filter((place) => !free.includes(place)),
    `${name} is where it matches, and the older keeps what both claim`,
  ).toEqual([]);
  expect(places.length, `${name} is on as many as it wants`).toBe(Math.min(wanted, free.length));
  const types = conditions.map(({ type }) => type);
  const isHalted = types.includes('ROLLOUT_HALTED') || types.includes('ROLLOUT_INCOMPLETE');
  const others = own.filter((plugin) => plugin.version !== version);
  if (!isHalted) expect(others, `${name} has its version everywhere`).toEqual([]);
  const isShort = wanted > free.length || (mode === 'ALL' && free.length === 0);
  expect(types, `${name} says why it is not whole`).toEqual([
    ...(isShort ? ['NO_CANDIDATE'] : []),
    ...(free.length < matching.length ? ['CONFLICT'] : []),
    ...types.filter((type) => type.startsWith('ROLLOUT_')),
  ]);
  expect(deployment, `${name} counts right`).toMatchObject({
    desired: wanted,
    active: places.length,
    updating: others.length,
    failed: 0,
  });
  for (const place of places) claimed.add(place);
}
