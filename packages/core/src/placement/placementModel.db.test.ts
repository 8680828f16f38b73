import { expect, test } from 'vitest';
import { modelRuns } from '../../testing/modelRuns.ts';
import { actionNames, actions } from '../../testing/placementActions.ts';
import {
  awaitedId,
  countOf,
  hostnames,
  isReplacement,
  look,
  pluginIds,
  type Sight,
  versions,
  World,
} from '../../testing/placementWorld.ts';
import { createRandom, enabledSupervisor, useTestCore } from '../../testing/testCore.ts';
import { DomainError, enableSupervisor, undrainSupervisor, updateSupervisor } from '../index.ts';
import { sweep } from '../sweep/sweep.ts';
import { readAvailable } from './endpoint/endpoint.ts';

const t = useTestCore({ settings: { replaceAfterSeconds: 600, holdMinimum: 1_000 } });

const steps = 60;

async function takeStep(world: World): Promise<void> {
  const name = world.random.one(actionNames);
  world.told.push(name);
  const before = await look(t, world.domain);
  try {
    await actions[name]?.(world, before);
  } catch (error) {
    // A refusal is an answer, and changes nothing.
    if (!(error instanceof DomainError)) throw error;
    world.told.push(`(${error.code})`);
  }
  const between = await check(world, before);
  if (world.random.below(3) === 0) return;
  await sweep(t.core);
  world.told.push('-');
  await check(world, between);
}

/** Compares the plugins with those that are wanted and with those before; returns them. */
async function check(world: World, before: Sight): Promise<Sight> {
  const told = world.told.join(' ');
  const after = await look(t, world.domain);
  const counts = pluginIds.map((pluginId) => [pluginId, countOf(after, pluginId)]);
  expect(Object.fromEntries(counts), `nothing is lost, and nothing twice: ${told}`).toEqual(
    Object.fromEntries(world.wanted),
  );
  await checkGuest(world, told);
  checkReplacements(after, told);
  checkNew(before, after, told);
  checkDrains(world, before, after, told);
  await checkServed(world, after, told);
  return after;
}

/** M6, and one replacement for each plugin. */
function checkReplacements(after: Sight, told: string): void {
  const replaced = after.wanted.filter((plugin) => isReplacement(after, plugin)).map(({ replacesId }) => replacesId);
  expect(new Set(replaced).size, `one takes a place: ${told}`).toBe(replaced.length);
  const pinned = after.wanted.filter((plugin) => plugin.pinned && replaced.includes(plugin.id));
  expect(pinned, `a pin is kept: ${told}`).toEqual([]);
}

/** M1: where plugins are that were not wanted there before. */
function checkNew(before: Sight, after: Sight, told: string): void {
  const known = new Set(before.wanted.map(({ id }) => id));
  // A wish of one who waits may have been made at any moment of the step.
  const added = after.wanted.filter(({ id, pluginId }) => !known.has(id) && pluginId !== awaitedId);
  const barred = added.filter(
    ({ reason, supervisor: { state, cordoned } }) => state !== 'ENABLED' || (cordoned && reason !== 'ROLLED_BACK'),
  );
  expect(barred, `nothing new where it must not be: ${told}`).toEqual([]);
  for (const { placementLabels, supervisor, reason } of added) {
    if (reason === 'ROLLOUT' || reason === 'ROLLED_BACK') continue;
    expect(supervisor.labels, `what is new has the labels it needs: ${told}`).toMatchObject(Object(placementLabels));
  }
}

/** D1, D2, D4. */
function checkDrains(world: World, before: Sight, after: Sight, told: string): void {
  const wasDrained = new Set(
    before.supervisors.filter(({ drainState }) => drainState === 'DRAINED').map(({ id }) => id),
  );
  for (const supervisor of after.supervisors) {
    const { id, hostname, cordoned, drainState, state } = supervisor;
    expect(cordoned, `${hostname} is cordoned by itself, or for its drain: ${told}`).toBe(
      world.cordoned.has(hostname) || drainState !== null,
    );
    if (drainState !== 'DRAINED' || wasDrained.has(id)) continue;
    const on = (plugins: Sight['wanted']) => plugins.filter(({ supervisorId }) => supervisorId === id);
    const toMove = on(after.wanted).filter(({ pinned }) => !pinned);
    expect(toMove, `nothing is left to move from ${hostname}: ${told}`).toEqual([]);
    if (state === 'DISCONNECTED') continue;
    expect(on(after.stopping), `nothing that was moved still runs on ${hostname}: ${told}`).toEqual([]);
  }
  const grouped = Map.groupBy(after.supervisors, ({ drainGroup }) => drainGroup);
  for (const [group, members] of grouped) {
    if (group === null) continue;
    const most = Math.max(...members.map(({ drainMaxParallel }) => drainMaxParallel ?? 0));
    const under = members.filter(({ drainState }) => drainState === 'DRAINING').length;
    expect(under, `no more are drained at a time than may be: ${told}`).toBeLessThanOrEqual(most);
  }
}

/** P9: another domain's plugins are where they may be, and nothing that happens in this domain changes their number. */
async function checkGuest({ guest, guestWanted }: World, told: string): Promise<void> {
  const sight = await look(t, guest);
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
    await updateSupervisor(t.core, world.operator, { supervisorId, labels: { zone: 'x' } });
    await undrainSupervisor(t.core, world.operator, { supervisorId });
    await enableSupervisor(t.core, world.operator, { supervisorId });
  }
  const reportAll = async () => {
    for (const hostname of hostnames) await world.report(hostname, ['ACTIVE']);
  };
  for (let round = 0; round < 8; round++) {
    await reportAll();
    await sweep(t.core);
  }
  await checkWaits(world, reportAll);
  for (let round = 0; round < 3; round++) {
    await reportAll();
    await sweep(t.core);
  }
  const after = await look(t, world.domain);
  expect(after.upgrading.size).toBe(0);
  expect(after.wanted.filter((plugin) => isReplacement(after, plugin))).toEqual([]);
  expect(after.wanted.filter(({ state }) => state !== 'ACTIVE')).toEqual([]);
  for (const [pluginId, wanted] of world.wanted) expect(countOf(after, pluginId)).toBe(wanted);
  const guest = await look(t, world.guest);
  expect(guest.wanted.filter(({ state }) => state !== 'ACTIVE')).toEqual([]);
  expect(await t.db.prisma.plugin.count({ where: { domainId: world.guest.domainId } })).toBe(guest.wanted.length);
  const rows = await t.db.prisma.plugin.count({ where: { domainId: world.domain.domainId } });
  expect(rows, 'what is not wanted is gone').toBe(after.wanted.length);
}

/** M4: who waited got an endpoint; only who could have none at the beginning was refused. */
async function checkWaits(world: World, reportAll: () => Promise<void>): Promise<void> {
  let isOver = false;
  const all = Promise.all(world.waits).finally(() => {
    isOver = true;
  });
  await expect
    .poll(async () => {
      if (!isOver) await reportAll();
      return isOver;
    })
    .toBe(true);
  for (const waited of await all) {
    if (waited instanceof DomainError) expect(waited.code).toBe('NO_POSSIBLE_SUPERVISOR');
    else expect(waited).toMatchObject({ state: 'ACTIVE', endpoint: expect.any(String) });
  }
  expect(t.core.endpointWaits.size).toBe(0);
}

test.each(Array.from({ length: modelRuns(2) }, (_, i) => i + 1))(
  'P1 to P9, M1 to M6, D1 to D4: whatever comes in whatever order, nothing wanted is lost, doubled without a reason, or served from where it must not be (seed %i)',
  async (seed) => {
    const world = new World(t, createRandom(seed));
    try {
      for (const hostname of hostnames) {
        world.ids.set(hostname, (await enabledSupervisor(t, world.domain, { hostname })).id);
      }
      await world.setPublic(true);
      for (let step = 0; step < steps; step++) await takeStep(world);
      await check(world, await look(t, world.domain));
      await heal(world);
    } finally {
      // Other worlds would place their plugins there, and every sweep would look through them.
      await t.db.prisma.supervisor.deleteMany({ where: { domainId: world.domain.domainId } });
      await t.db.prisma.rollout.deleteMany({ where: { domainId: world.domain.domainId } });
    }
  },
  120_000,
);
