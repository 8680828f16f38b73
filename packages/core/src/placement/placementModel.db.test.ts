import type { Plugin, PluginState, Supervisor } from '@muster/db';
import { expect, test } from 'vitest';
import { tick } from '../../testing/agent.ts';
import { modelRuns } from '../../testing/modelRuns.ts';
import {
  createRandom,
  enabledSupervisor,
  newDomain,
  type Random,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import {
  cordonSupervisor,
  DomainError,
  disableSupervisor,
  drainSupervisor,
  enableSupervisor,
  installPlugin,
  uncordonSupervisor,
  undrainSupervisor,
  uninstallPlugin,
  updateSupervisor,
  upgradePlugin,
} from '../index.ts';
import { sweep } from '../sweep/sweep.ts';
import { readAvailable } from './endpoint/endpoint.ts';

const t = useTestCore({ settings: { replaceAfterSeconds: 600, holdMinimum: 1_000 } });

const hostnames = ['a', 'b', 'c', 'd'];
/** Those that other domains use, too. */
const publicHostnames = ['c', 'd'];
const pluginIds = ['collector', 'webhook'];
const versions = ['1.0', '2.0'] as const;
const steps = 60;

type Located = Plugin & { supervisor: Supervisor };

/** The rows at one moment. */
interface Sight {
  supervisors: Supervisor[];
  wanted: Located[];
  /** Of each plugin, on how many supervisors a rollout has both versions. */
  rolling: Map<string, number>;
  /** The plugins with a rollout that is not over. */
  upgrading: Set<string>;
}

async function look(domain: TestDomain): Promise<Sight> {
  const { domainId } = domain;
  const [supervisors, wanted, running] = await Promise.all([
    t.db.prisma.supervisor.findMany({ where: { domainId } }),
    t.db.prisma.plugin.findMany({ where: { domainId, wanted: true, managed: true }, include: { supervisor: true } }),
    t.db.prisma.rollout.findMany({ where: { domainId, endedAt: null }, include: { steps: true } }),
  ]);
  const has = (supervisorId: string, pluginId: string, version: string) =>
    wanted.some((each) => each.supervisorId === supervisorId && each.pluginId === pluginId && each.version === version);
  const rolling = running.map(({ pluginId, fromVersion, toVersion, steps: all }): [string, number] => {
    const both = all.filter(
      ({ state, supervisorId }) =>
        (state === 'INSTALLING' || state === 'REVERTING') &&
        has(supervisorId, pluginId, fromVersion) &&
        has(supervisorId, pluginId, toVersion),
    );
    return [pluginId, both.length];
  });
  return {
    supervisors,
    wanted,
    rolling: new Map(rolling),
    upgrading: new Set(running.map(({ pluginId }) => pluginId)),
  };
}

/** Whether a plugin is to take the place of another that is still there. */
function isReplacement(sight: Sight, { replacesId }: Plugin): boolean {
  return sight.wanted.some(({ id }) => id === replacesId);
}

/** How often a plugin is wanted, what moves or is upgraded counted once. */
function countOf(sight: Sight, pluginId: string): number {
  const own = sight.wanted.filter((plugin) => plugin.pluginId === pluginId && !isReplacement(sight, plugin));
  return own.length - (sight.rolling.get(pluginId) ?? 0);
}

/** A domain in which anything happens, a tenant of its public supervisors, and how many instances of each plugin they want. */
class World {
  readonly domain = newDomain();
  readonly guest = newDomain();
  readonly guestWanted = new Map(pluginIds.map((pluginId) => [pluginId, 0]));
  readonly wanted = new Map(pluginIds.map((pluginId) => [pluginId, 0]));
  readonly told: string[] = [];
  readonly away = new Set<string>();
  readonly random: Random;
  readonly ids = new Map<string, string>();

  constructor(random: Random) {
    this.random = random;
  }

  get operator() {
    return this.domain.operator;
  }

  target(names: readonly string[] = hostnames): { supervisorId: string } {
    return { supervisorId: this.ids.get(this.random.one(names)) ?? '' };
  }

  want(pluginId: string, more: number): void {
    this.wanted.set(pluginId, (this.wanted.get(pluginId) ?? 0) + more);
  }

  guestWants(pluginId: string, more: number): void {
    this.guestWanted.set(pluginId, (this.guestWanted.get(pluginId) ?? 0) + more);
  }

  async setPublic(isPublic: boolean): Promise<void> {
    for (const hostname of publicHostnames) {
      const supervisorId = this.ids.get(hostname);
      await updateSupervisor(t.core, this.domain.admin, { supervisorId, isPublic });
    }
  }

  async report(hostname: string, states: readonly PluginState[]): Promise<void> {
    await tick(t, this.domain, hostname, () => this.random.one(states));
  }

  /** Agents that are there go on reporting while time passes. */
  async passTime(ms: number): Promise<void> {
    t.advance(ms);
    for (const hostname of hostnames) if (!this.away.has(hostname)) await this.report(hostname, ['ACTIVE']);
  }
}

const mostlyUp = ['ACTIVE', 'ACTIVE', 'PROVISIONING', 'ERROR'] as const;

const actions: Record<string, (world: World, before: Sight) => Promise<unknown>> = {
  install: async (world, before) => {
    const pluginId = world.random.one(pluginIds.filter((id) => !before.upgrading.has(id)).concat('none'));
    if (pluginId === 'none') return;
    const pinned = world.random.below(2) === 0 ? {} : world.target();
    const version = world.random.one(versions);
    const { changed } = await installPlugin(t.core, world.operator, { pluginId, version, ...pinned });
    if (changed) world.want(pluginId, 1);
  },
  uninstall: async (world, before) => {
    const found = before.wanted.filter(({ pluginId }) => !before.upgrading.has(pluginId));
    if (found.length === 0) return;
    const plugin = world.random.one(found);
    const { pluginId, version, supervisorId } = plugin;
    await uninstallPlugin(t.core, world.operator, { pluginId, version, supervisorId });
    // A replacement is wanted only for the plugin that it is to replace.
    if (!isReplacement(before, plugin)) world.want(pluginId, -1);
  },
  guestInstall: async (world) => {
    const pluginId = world.random.one(pluginIds);
    const pinned = world.random.below(2) === 0 ? {} : world.target(publicHostnames);
    const input = { pluginId, version: world.random.one(versions), ...pinned };
    const { changed } = await installPlugin(t.core, world.guest.operator, input);
    if (changed) world.guestWants(pluginId, 1);
  },
  guestUninstall: async (world) => {
    const sight = await look(world.guest);
    if (sight.wanted.length === 0) return;
    const plugin = world.random.one(sight.wanted);
    const { pluginId, version, supervisorId } = plugin;
    await uninstallPlugin(t.core, world.guest.operator, { pluginId, version, supervisorId });
    if (!isReplacement(sight, plugin)) world.guestWants(pluginId, -1);
  },
  uninstallAll: async (world) => {
    const pluginId = world.random.one(pluginIds);
    for (const version of versions) {
      await uninstallPlugin(t.core, world.operator, { pluginId, version }).catch((error: unknown) => {
        if (!(error instanceof DomainError) || error.code !== 'NOT_FOUND') throw error;
      });
    }
    world.wanted.set(pluginId, 0);
  },
  upgrade: async (world) => {
    const [from, to] = world.random.one([['1.0', '2.0'] as const, ['2.0', '1.0'] as const]);
    const pluginId = world.random.one(pluginIds);
    const maxUnavailable = 1 + world.random.below(2);
    await upgradePlugin(t.core, world.operator, { pluginId, from, to, maxUnavailable, healthyDeadlineSeconds: 120 });
  },
  report: async (world) => {
    const hostname = world.random.one(hostnames);
    world.away.delete(hostname);
    await world.report(hostname, mostlyUp);
  },
  settle: async (world) => {
    for (const hostname of hostnames) if (!world.away.has(hostname)) await world.report(hostname, ['ACTIVE']);
  },
  vanish: async (world) => {
    world.away.add(world.random.one(hostnames));
    await world.passTime(301_000);
  },
  time: (world) => world.passTime(world.random.one([30_000, 150_000, 290_000])),
  drain: (world) => drainSupervisor(t.core, world.operator, { ...world.target(), deadlineSeconds: 400 }),
  undrain: (world) => undrainSupervisor(t.core, world.operator, world.target()),
  cordon: (world) => cordonSupervisor(t.core, world.operator, world.target()),
  uncordon: (world) => uncordonSupervisor(t.core, world.operator, world.target()),
  disable: (world) => disableSupervisor(t.core, world.operator, world.target()),
  enable: (world) => enableSupervisor(t.core, world.operator, world.target()),
};

/** The names of the steps; frequent ones stand several times. */
const names = [
  ...Object.keys(actions),
  ...[
    'install',
    'install',
    'install',
    'guestInstall',
    'guestInstall',
    'guestInstall',
    'guestUninstall',
    'report',
    'report',
    'settle',
    'settle',
    'settle',
  ],
  ...['upgrade', 'upgrade', 'undrain', 'uncordon', 'enable', 'enable'],
];

async function takeStep(world: World): Promise<void> {
  const name = world.random.one(names);
  world.told.push(name);
  const before = await look(world.domain);
  try {
    await actions[name]?.(world, before);
  } catch (error) {
    // A refusal is an answer, and changes nothing.
    if (!(error instanceof DomainError)) throw error;
  }
  const between = await check(world, before);
  if (world.random.below(3) === 0) return;
  await sweep(t.core);
  await check(world, between);
}

/** Compares the plugins with those that are wanted and with those before; returns them. */
async function check(world: World, before: Sight): Promise<Sight> {
  const told = world.told.join(' ');
  const after = await look(world.domain);
  const counts = pluginIds.map((pluginId) => [pluginId, countOf(after, pluginId)]);
  expect(Object.fromEntries(counts), `nothing is lost, and nothing twice: ${told}`).toEqual(
    Object.fromEntries(world.wanted),
  );
  await checkGuest(world, told);
  const replaced = after.wanted.filter((plugin) => isReplacement(after, plugin)).map(({ replacesId }) => replacesId);
  expect(new Set(replaced).size, `one takes a place: ${told}`).toBe(replaced.length);
  const known = new Set(before.wanted.map(({ id }) => id));
  const barred = after.wanted.filter(
    ({ id, reason, supervisor: { state, cordoned } }) =>
      !known.has(id) && (state !== 'ENABLED' || (cordoned && reason !== 'ROLLED_BACK')),
  );
  expect(barred, `nothing new where it must not be: ${told}`).toEqual([]);
  await checkServed(world, after, told);
  return after;
}

/** P9: another domain's plugins are where they may be, and nothing that happens in this domain changes their number. */
async function checkGuest({ guest, guestWanted }: World, told: string): Promise<void> {
  const sight = await look(guest);
  const counts = pluginIds.map((pluginId) => [pluginId, countOf(sight, pluginId)]);
  expect(Object.fromEntries(counts), `nothing of the tenant's is lost, and nothing twice: ${told}`).toEqual(
    Object.fromEntries(guestWanted),
  );
  const astray = sight.wanted.filter(({ supervisor }) => !supervisor.isPublic);
  expect(astray, `the tenant's plugins are on public supervisors: ${told}`).toEqual([]);
}

/** P8. */
async function checkServed(world: World, { wanted }: Sight, told: string): Promise<void> {
  for (const pluginId of pluginIds) {
    for (const version of versions) {
      const query = { domainId: world.domain.domainId, pluginId, version, labels: {}, allowPublic: true };
      const served = (await readAvailable(t.core, query)).map(({ endpoint }) => endpoint);
      const allowed = wanted.filter(
        (plugin) =>
          plugin.pluginId === pluginId &&
          plugin.version === version &&
          plugin.state === 'ACTIVE' &&
          ['ENABLED', 'DISABLED'].includes(plugin.supervisor.state),
      );
      const endpoints = allowed.map(({ endpoint }) => endpoint);
      expect(
        served.filter((endpoint) => !endpoints.includes(endpoint)),
        `served from where it may be: ${told}`,
      ).toEqual([]);
    }
  }
}

/** With everybody back and well, all that was under way comes to its end. */
async function heal(world: World): Promise<void> {
  world.away.clear();
  for (const supervisorId of world.ids.values()) {
    await undrainSupervisor(t.core, world.operator, { supervisorId });
    await enableSupervisor(t.core, world.operator, { supervisorId });
  }
  for (let round = 0; round < 8; round++) {
    for (const hostname of hostnames) await world.report(hostname, ['ACTIVE']);
    await sweep(t.core);
  }
  const after = await look(world.domain);
  expect(after.upgrading.size).toBe(0);
  expect(after.wanted.filter((plugin) => isReplacement(after, plugin))).toEqual([]);
  expect(after.wanted.filter(({ state }) => state !== 'ACTIVE')).toEqual([]);
  for (const [pluginId, wanted] of world.wanted) expect(countOf(after, pluginId)).toBe(wanted);
  const guest = await look(world.guest);
  expect(guest.wanted.filter(({ state }) => state !== 'ACTIVE')).toEqual([]);
  expect(await t.db.prisma.plugin.count({ where: { domainId: world.guest.domainId } })).toBe(guest.wanted.length);
  const rows = await t.db.prisma.plugin.count({ where: { domainId: world.domain.domainId } });
  expect(rows, 'what is not wanted is gone').toBe(after.wanted.length);
}

test.each(Array.from({ length: modelRuns(4) }, (_, i) => i + 1))(
  'P1 to P9, M1 to M4: whatever comes in whatever order, nothing wanted is lost, doubled without a reason, or served from where it must not be (seed %i)',
  async (seed) => {
    const world = new World(createRandom(seed));
    for (const hostname of hostnames) {
      world.ids.set(hostname, (await enabledSupervisor(t, world.domain, { hostname })).id);
    }
    await world.setPublic(true);
    for (let step = 0; step < steps; step++) await takeStep(world);
    await check(world, await look(world.domain));
    await heal(world);
    // Other worlds would place their plugins there.
    await world.setPublic(false);
  },
  60_000,
);
