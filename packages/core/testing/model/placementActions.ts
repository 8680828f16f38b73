import {
  acquirePluginEndpoint,
  cordonSupervisor,
  deregisterSupervisor,
  disableSupervisor,
  drainSupervisor,
  drainSupervisors,
  enableSupervisor,
  installPlugin,
  uncordonSupervisor,
  undrainSupervisor,
  uninstallPlugin,
  updateSupervisor,
  upgradePlugin,
} from '../../src/index.ts';
import { isReplacement, type SeenPlugin, type Sight } from './placementSight.ts';
import { awaitedId, hostnames, type PlacementWorld, pluginIds, publicHostnames, versions } from './placementWorld.ts';

const mostlyUp = ['ACTIVE', 'ACTIVE', 'PROVISIONING', 'ERROR'] as const;
const zones = [{}, { zone: 'x' }, { zone: 'y' }] as const;

/** The actions of a world, by name. A refusal is an answer, and changes nothing. */
export const actions: Readonly<Record<string, (world: PlacementWorld) => Promise<unknown>>> = {
  install: async (world) => {
    const before = world.sight;
    const pluginId = world.random.one(pluginIds.filter((id) => !before.upgrading.has(id)).concat('none'));
    if (pluginId === 'none') return;
    const pinned = world.random.below(2) === 0 ? {} : world.target();
    const allowPublic = world.random.below(4) > 0;
    // Without the world's own label, supervisors of other worlds would do.
    const labels = { ...(allowPublic ? world.label : {}), ...world.random.one([...zones, {}, {}]) };
    const input = { pluginId, version: world.random.one(versions), labels, allowPublic, ...pinned };
    const { changed } = await installPlugin(world.t.core, world.operator, input);
    if (changed) world.want(pluginId, 1);
  },
  uninstall: async (world) => {
    const before = world.sight;
    const found = before.wanted.filter(({ pluginId }) => pluginId !== awaitedId && !before.upgrading.has(pluginId));
    if (found.length === 0) return;
    const plugin = world.random.one(found);
    const { pluginId, version, supervisorId } = plugin;
    await uninstallPlugin(world.t.core, world.operator, { pluginId, version, supervisorId });
    // A replacement is wanted only for the plugin that it is to replace.
    if (!isReplacement(before, plugin)) world.want(pluginId, -1);
  },
  guestInstall: async (world) => {
    const pluginId = world.random.one(pluginIds);
    const pinned = world.random.below(2) === 0 ? {} : world.target(publicHostnames);
    const input = { pluginId, version: world.random.one(versions), labels: world.label, ...pinned };
    const { changed } = await installPlugin(world.t.core, world.guest.operator, input);
    if (changed) world.guestWants(pluginId, 1);
  },
  guestUninstall: async (world) => {
    const sight = world.guestSight;
    if (sight.wanted.length === 0) return;
    const plugin = world.random.one(sight.wanted);
    const { pluginId, version, supervisorId } = plugin;
    await uninstallPlugin(world.t.core, world.guest.operator, { pluginId, version, supervisorId });
    if (!isReplacement(sight, plugin)) world.guestWants(pluginId, -1);
  },
  uninstallAll: async (world) => {
    const before = world.sight;
    const pluginId = world.random.one(pluginIds);
    for (const version of versions) {
      // One that is not there is NOT_FOUND.
      if (!before.wanted.some((plugin) => plugin.pluginId === pluginId && plugin.version === version)) continue;
      await uninstallPlugin(world.t.core, world.operator, { pluginId, version });
    }
    world.wanted.set(pluginId, 0);
  },
  upgrade: async (world) => {
    const [from, to] = world.random.one([['1.0', '2.0'] as const, ['2.0', '1.0'] as const]);
    const pluginId = world.random.one(pluginIds);
    const maxUnavailable = 1 + world.random.below(2);
    const input = { pluginId, from, to, maxUnavailable, minHealthySeconds: 0, healthyDeadlineSeconds: 120 };
    await upgradePlugin(world.t.core, world.operator, input);
  },
  report: async (world) => {
    const hostname = world.random.one(hostnames);
    world.away.delete(hostname);
    await world.report(hostname, mostlyUp);
  },
  settle: (world) => world.settle(),
  failReplacement: async (world) => {
    const before = world.sight;
    const replacements = before.wanted.filter((plugin) => isReplacement(before, plugin));
    if (replacements.length === 0) return;
    const { hostname } = world.random.one(replacements).supervisor;
    world.away.delete(hostname);
    await world.report(hostname, ['ERROR']);
  },
  drain: (world) => drainSupervisor(world.t.core, world.operator, { ...world.target(), deadlineSeconds: 400 }),
  drainMany: (world) => {
    const filter = { hostname: { in: ['a', ...world.random.some(hostnames.slice(1))] } };
    const maxParallel = 1 + world.random.below(2);
    return drainSupervisors(world.t.core, world.operator, { filter, maxParallel, deadlineSeconds: 400 });
  },
  undrain: (world) => undrainSupervisor(world.t.core, world.operator, world.target()),
  cordon: async (world) => {
    const hostname = world.random.one(hostnames);
    await cordonSupervisor(world.t.core, world.operator, { supervisorId: world.idOf(hostname) });
    world.cordoned.add(hostname);
  },
  uncordon: async (world) => {
    const hostname = world.random.one(hostnames);
    await uncordonSupervisor(world.t.core, world.operator, { supervisorId: world.idOf(hostname) });
    world.cordoned.delete(hostname);
  },
  disable: (world) => disableSupervisor(world.t.core, world.operator, world.target()),
  enable: (world) => enableSupervisor(world.t.core, world.operator, world.target()),
  label: (world) => {
    const labels = { ...world.label, ...world.random.one(zones) };
    return updateSupervisor(world.t.core, world.operator, { ...world.target(), labels });
  },
  wait: async (world) => {
    const version = world.random.one(versions);
    // Else the supervisors of all other worlds would wake it.
    const input = { pluginId: awaitedId, version, labels: world.label, allowPublic: false, waitSeconds: 300 };
    world.wait(acquirePluginEndpoint(world.t.core, world.operator, input));
  },
  uninstallAwaited: async (world) => {
    const version = world.random.one(versions);
    await uninstallPlugin(world.t.core, world.operator, { pluginId: awaitedId, version });
  },
  retire: ({ retirements, random }) =>
    retirements.retire({ pluginId: random.one(pluginIds), version: random.one(versions) }),
  forgetReleases: ({ retirements }) => retirements.forget(),
  deregister: async (world) => {
    const before = world.sight;
    if (before.upgrading.size > 0) return;
    const hostname = world.random.one(hostnames);
    const supervisorId = world.idOf(hostname);
    await deregisterSupervisor(world.t.core, world.operator, { supervisorId, force: world.random.below(2) === 0 });
    for (const { pluginId } of lostWith(before, supervisorId)) world.want(pluginId, -1);
    for (const { pluginId } of lostWith(world.guestSight, supervisorId)) world.guestWants(pluginId, -1);
    world.cordoned.delete(hostname);
    world.away.delete(hostname);
    await world.join(hostname);
  },
};

/** The plugins that end with a supervisor: those that neither are replacements, nor have one elsewhere. */
function lostWith(sight: Sight, supervisorId: string): SeenPlugin[] {
  const isReplaced = ({ id }: SeenPlugin) => sight.wanted.some(({ replacesId }) => replacesId === id);
  return sight.wanted.filter(
    (plugin) => plugin.supervisorId === supervisorId && !isReplacement(sight, plugin) && !isReplaced(plugin),
  );
}

/** The names of the actions; frequent ones stand several times. */
export const actionNames = [
  ...Object.keys(actions),
  ...['install', 'install', 'install', 'guestInstall', 'guestInstall', 'guestInstall', 'guestUninstall'],
  ...['report', 'report', 'settle', 'settle', 'settle', 'failReplacement', 'failReplacement', 'drain'],
  ...['forgetReleases', 'upgrade', 'upgrade', 'undrain', 'uncordon', 'uncordon', 'enable', 'enable', 'wait'],
];
