import {
  cordonSupervisor,
  createDeployment,
  deleteDeployment,
  deregisterSupervisor,
  disableSupervisor,
  drainSupervisor,
  enableSupervisor,
  installPlugin,
  uncordonSupervisor,
  undrainSupervisor,
  uninstallPlugin,
  updateDeployment,
  updateSupervisor,
} from '../../src/index.ts';
import { commandRollout } from '../../src/placement/rollout/commandRollout.ts';
import { rolloutCommands } from '../../src/placement/rollout/rolloutLifecycle.ts';
import type { Random } from '../random.ts';
import { type DeploymentWorld, hostnames, labelings, pluginIds, type Selection, versions } from './deploymentWorld.ts';

const mostlyUp = ['ACTIVE', 'ACTIVE', 'ACTIVE', 'PROVISIONING', 'ERROR'] as const;
const mostDeployments = 3;

const selections: readonly Selection[] = [
  { labels: {}, filtered: {} },
  { labels: { tier: 'edge' }, filtered: {} },
  { labels: { zone: 'y' }, filtered: {} },
  { labels: {}, filtered: { zone: 'x' } },
  { labels: { tier: 'edge' }, filtered: { zone: 'y' } },
];

const selectorOf = ({ labels, filtered }: Selection) => ({
  labels,
  filter: Object.keys(filtered).length === 0 ? null : { labels: { contains: filtered } },
});

const modeOf = (random: Random) =>
  random.below(2) === 0
    ? { mode: 'ALL', count: null, spreadBy: null, replaceAfterSeconds: null }
    : {
        mode: 'COUNT',
        count: random.below(5),
        spreadBy: random.one([null, 'zone']),
        replaceAfterSeconds: random.one([null, 60]),
      };

const rolloutSettingsOf = (random: Random) => ({
  minHealthySeconds: random.one([0, 5]),
  healthyDeadlineSeconds: 60,
  deadlineSeconds: random.one([30, 600]),
  maxFailures: random.below(2),
  onFailure: random.one(['ROLL_BACK', 'PAUSE']),
  canary: random.below(3) > 0 ? null : { count: 1, autoPromoteSeconds: random.one([null, 20]) },
});

async function update(world: DeploymentWorld, input: object): Promise<void> {
  const deployment = world.deployment();
  if (!deployment) return;
  world.changed.add(deployment.id);
  await updateDeployment(world.t.core, world.operator, { deploymentId: deployment.id, ...input });
}

/** The actions of a world, by name. A refusal is an answer, and changes nothing. */
export const deploymentActions: Readonly<Record<string, (world: DeploymentWorld) => Promise<unknown>>> = {
  create: async (world) => {
    const { random, sight, t } = world;
    if (sight.deployments.length >= mostDeployments) return;
    const selection = random.one(selections);
    const { deployment } = await createDeployment(t.core, world.operator, {
      name: random.one(['one', 'two', 'three', 'four']),
      pluginId: random.one(pluginIds),
      version: random.one(versions),
      maxUnavailable: 1 + random.below(3),
      rolloutSettings: rolloutSettingsOf(random),
      ...selectorOf(selection),
      ...modeOf(random),
    });
    if (!deployment) return;
    world.selections.set(deployment.id, selection);
    world.changed.add(deployment.id);
  },
  version: (world) => update(world, { version: world.random.one(versions) }),
  mode: (world) => update(world, modeOf(world.random)),
  pause: (world) => update(world, { isPaused: true }),
  unpause: (world) => update(world, { isPaused: false }),
  pace: (world) =>
    update(world, { maxUnavailable: 1 + world.random.below(3), rolloutSettings: rolloutSettingsOf(world.random) }),
  select: async (world) => {
    const deployment = world.deployment();
    if (!deployment) return;
    const selection = world.random.one(selections);
    world.changed.add(deployment.id);
    world.selections.set(deployment.id, selection);
    await updateDeployment(world.t.core, world.operator, { deploymentId: deployment.id, ...selectorOf(selection) });
  },
  delete: async (world) => {
    const deployment = world.deployment();
    if (!deployment) return;
    const orphan = world.random.below(3) === 0;
    world.changed.add(deployment.id);
    await deleteDeployment(world.t.core, world.operator, { deploymentId: deployment.id, orphan });
    if (!orphan) {
      for (const { id } of world.sight.wanted.filter(({ deploymentId }) => deploymentId === deployment.id)) {
        world.oneOffs.delete(id);
      }
    }
  },
  install: async (world) => {
    const { random, t } = world;
    const input = { pluginId: random.one(pluginIds), version: random.one(versions), ...world.target() };
    const { plugin } = await installPlugin(t.core, world.operator, input);
    if (plugin.deploymentId === null && plugin.pinned) world.oneOffs.add(plugin.id);
  },
  uninstall: async (world) => {
    const { random, sight, t } = world;
    if (sight.wanted.length === 0) return;
    const { id, pluginId, version, supervisorId } = random.one(sight.wanted);
    world.oneOffs.delete(id);
    await uninstallPlugin(t.core, world.operator, { pluginId, version, supervisorId });
  },
  command: async (world) => {
    const last = world.sight.rollouts.at(-1);
    const command = world.random.one(rolloutCommands);
    world.told.push(command);
    if (last) await commandRollout(world.t.core, world.operator, { rolloutId: last.id }, command);
  },
  report: async (world) => {
    const hostname = world.random.one(hostnames);
    world.away.delete(hostname);
    await world.report(hostname, mostlyUp);
  },
  settle: (world) => world.settle(),
  comeBack: async ({ away }) => away.clear(),
  label: (world) =>
    updateSupervisor(world.t.core, world.operator, { ...world.target(), labels: world.random.one(labelings) }),
  cordon: (world) => cordonSupervisor(world.t.core, world.operator, world.target()),
  uncordon: (world) => uncordonSupervisor(world.t.core, world.operator, world.target()),
  drain: (world) => drainSupervisor(world.t.core, world.operator, { ...world.target(), deadlineSeconds: 400 }),
  undrain: (world) => undrainSupervisor(world.t.core, world.operator, world.target()),
  disable: (world) => disableSupervisor(world.t.core, world.operator, world.target()),
  enable: (world) => enableSupervisor(world.t.core, world.operator, world.target()),
  deregister: async (world) => {
    const { random, t, ids, sight } = world;
    const hostname = random.one(hostnames);
    const supervisorId = ids.get(hostname) ?? '';
    await deregisterSupervisor(t.core, world.operator, { supervisorId, force: true });
    for (const plugin of sight.plugins) if (plugin.supervisorId === supervisorId) world.oneOffs.delete(plugin.id);
    world.away.delete(hostname);
    await world.join(hostname, random.one(labelings));
  },
};

/** The names of the actions; frequent ones stand several times. */
export const deploymentActionNames = [
  ...Object.keys(deploymentActions),
  ...['create', 'create', 'create', 'version', 'version', 'version', 'mode', 'select', 'unpause', 'unpause'],
  ...['report', 'report', 'settle', 'settle', 'settle', 'settle', 'label', 'label', 'comeBack', 'undrain', 'uncordon'],
  ...['enable', 'enable'],
];
