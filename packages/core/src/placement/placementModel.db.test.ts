import { expect, test } from 'vitest';
import { forgetEvents } from '../../testing/forgetEvents.ts';
import type { Crowd } from '../../testing/model/crowd.ts';
import { actionNames, actions } from '../../testing/model/placementActions.ts';
import { checkNeighbour, checkPlacement, checkSettled, isSettled } from '../../testing/model/placementRules.ts';
import { look } from '../../testing/model/placementSight.ts';
import { hostnames, PlacementWorld, pluginIds, versions } from '../../testing/model/placementWorld.ts';
import { modelDatabase, modelTimeoutMs, type PlayedModel, playModel } from '../../testing/model/playModel.ts';
import { tryAction } from '../../testing/model/tryAction.ts';
import { useTestCore } from '../../testing/testCore.ts';
import { commandRollout, enableSupervisor, uncordonSupervisor, undrainSupervisor, updateSupervisor } from '../index.ts';
import { sweep } from '../sweep/sweep.ts';
import { readAvailable } from './endpoint/endpoint.ts';

const t = useTestCore({
  database: modelDatabase,
  settings: { replaceAfterSeconds: 600, holdMinimum: 1_000 },
  stopsClock: true,
});

/** Past a lease: an agent that is away is noticed. */
const longMs = 301_000;

/** A happening in all worlds at once: time passes, or none, and a sweep may come. */
interface Together {
  readonly ms: number;
  readonly sweeps: boolean;
}

const happenings: readonly (Together | null)[] = [
  ...Array.from({ length: 10 }, () => null),
  ...Array.from({ length: 20 }, () => ({ ms: 0, sweeps: true })),
  { ms: 30_000, sweeps: true },
  { ms: 150_000, sweeps: true },
  { ms: 290_000, sweeps: false },
  ...Array.from({ length: 2 }, () => ({ ms: longMs, sweeps: true })),
];

const placement: PlayedModel<PlacementWorld, Together> = {
  name: 'placement',
  rounds: 48,
  open: async (seeds) => {
    const worlds = seeds.map((seed) => new PlacementWorld(seed, t));
    await Promise.all(worlds.map((world) => world.begin()));
    const show = await see(worlds);
    for (const world of worlds) show(world);
    return worlds;
  },
  // A drain advances all that is being moved, in every domain.
  reachesOthers: (random) => random.one(actionNames).startsWith('drain'),
  act: async (world, random) => {
    world.random = random;
    await tryAction(world, actions, random.one(actionNames));
  },
  choose: (random) => random.one(happenings),
  actTogether: async (crowd, { ms, sweeps }) => {
    if (ms > 0) {
      t.advance(ms);
      await crowd.each(async (world) => {
        world.told.push(`${ms / 1_000}s`);
        const random = crowd.chance(world, 'away');
        if (ms === longMs && random.below(2) === 0) world.away.add(random.one(hostnames));
        // Agents that are there go on reporting while time passes.
        await world.settle();
      });
    }
    if (sweeps) await sweepAll(crowd);
  },
  check,
  end: heal,
  close: async (worlds) => {
    // Other worlds would place their plugins there, and every sweep would look through them.
    const domainIds = [worlds.flatMap((world) => world.domainIds)];
    await t.db.sql.query('DELETE FROM supervisors WHERE domain_id = ANY($1::text[])', domainIds);
    await t.db.sql.query('DELETE FROM releases WHERE domain_id = ANY($1::text[])', domainIds);
    await t.db.sql.query('DELETE FROM rollouts WHERE domain_id = ANY($1::text[])', domainIds);
    await t.core.hub.tail.catchUp();
    await forgetEvents(t.db.sql);
  },
};

async function sweepAll({ worlds }: Crowd<PlacementWorld>): Promise<void> {
  await sweep(t.core);
  for (const { told } of worlds) told.push('-');
}

/** Reads the rows of worlds; returns how to put them into a world. */
async function see(worlds: readonly PlacementWorld[]): Promise<(world: PlacementWorld) => void> {
  const sights = await look(
    t,
    worlds.flatMap((world) => world.domainIds),
  );
  return (world) => {
    world.sight = sights.get(world.domain.domainId) ?? world.sight;
    world.guestSight = sights.get(world.guest.domainId) ?? world.guestSight;
  };
}

/** Compares the plugins with those that are wanted and with those before. */
async function check(crowd: Crowd<PlacementWorld>): Promise<void> {
  const show = await see(crowd.worlds);
  await crowd.each(async (world) => {
    const before = world.sight;
    show(world);
    checkPlacement(world, before);
    checkNeighbour(world);
    await checkServed(world);
  });
}

/** P8, of what was served otherwise before, or may be served otherwise now. */
async function checkServed({ domain, sight, decided, label }: PlacementWorld): Promise<void> {
  for (const pluginId of pluginIds) {
    for (const version of versions) {
      const found = sight.plugins.filter((plugin) => plugin.pluginId === pluginId && plugin.version === version);
      const decides = JSON.stringify(
        found.map(({ state, wanted, endpoint, supervisor }) => [state, wanted, endpoint, supervisor.state]),
      );
      if (decided.get(`${pluginId} ${version}`) === decides) continue;
      decided.set(`${pluginId} ${version}`, decides);
      const query = { domainId: domain.domainId, pluginId, version, labels: label, allowPublic: true };
      const served = (await readAvailable(t.core, query)).map(({ endpoint }) => endpoint);
      const allowed = found.filter(
        ({ state, wanted, supervisor }) =>
          wanted && state === 'ACTIVE' && ['ENABLED', 'DISABLED'].includes(supervisor.state),
      );
      const endpoints = allowed.map(({ endpoint }) => endpoint);
      expect(
        served.filter((endpoint) => !endpoints.includes(endpoint)),
        'served from where it may be',
      ).toEqual([]);
    }
  }
}

/** With everybody back and well, all that was under way comes to its end, and who waits is answered. */
async function heal(crowd: Crowd<PlacementWorld>): Promise<void> {
  await crowd.each(async (world) => {
    const { away, cordoned, operator, label, sight, told, retirements } = world;
    told.push('heal');
    away.clear();
    await retirements.forget();
    await resumeRollouts(world);
    for (const { id: supervisorId, hostname, state, drainState } of sight.supervisors) {
      await updateSupervisor(t.core, operator, { supervisorId, labels: { ...label, zone: 'x' } });
      if (drainState !== null) await undrainSupervisor(t.core, operator, { supervisorId });
      if (cordoned.delete(hostname)) await uncordonSupervisor(t.core, operator, { supervisorId });
      if (state !== 'ENABLED') await enableSupervisor(t.core, operator, { supervisorId });
    }
  });
  await check(crowd);
  for (let round = 0; round < mostHealing; round++) {
    const left = crowd.worlds.filter((world) => world.waits.size > 0 || !isSettled(world));
    if (round > 0 && left.length === 0) break;
    await crowd.each((world) => world.settle(), round === 0 ? crowd.worlds : left);
    await t.core.hub.tail.catchUp();
    await sweepAll(crowd);
    await check(crowd);
  }
  await crowd.each(checkSettled);
}

/** Has those go on that were paused since their release was retired. */
async function resumeRollouts({ operator, sight }: PlacementWorld): Promise<void> {
  for (const { id: rolloutId, state } of sight.rollouts) {
    if (state === 'PAUSED') await commandRollout(t.core, operator, { rolloutId }, 'resume');
  }
}

/** Rounds in which all must have come to its end. */
const mostHealing = 60;

test(
  'P1 to P9, M1 to M6, D1 to D4, C1: whatever comes in whatever order, nothing wanted is lost, doubled without a reason, or served from where it must not be',
  () => playModel(placement, 2),
  modelTimeoutMs(),
);
