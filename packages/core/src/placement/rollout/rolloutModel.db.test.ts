import { expect, test } from 'vitest';
import { forgetEvents } from '../../../testing/forgetEvents.ts';
import type { Crowd } from '../../../testing/model/crowd.ts';
import { look, type Sight } from '../../../testing/model/placementSight.ts';
import { modelDatabase, modelTimeoutMs, type PlayedModel, playModel } from '../../../testing/model/playModel.ts';
import { RolloutWorld, rolloutActionNames, rolloutActions } from '../../../testing/model/rolloutWorld.ts';
import { tryAction } from '../../../testing/model/tryAction.ts';
import { useTestCore } from '../../../testing/testCore.ts';
import { sweep } from '../../sweep/sweep.ts';
import { endedStates } from './rolloutLifecycle.ts';

const t = useTestCore({ database: modelDatabase, settings: { holdMinimum: 1_000 }, stopsClock: true });

const busyStates: readonly string[] = ['INSTALLING', 'REVERTING'];
/** Past a lease: an agent that is away is noticed. */
const longMs = 301_000;

/** A happening in all worlds at once: time passes, or none, and a sweep may come. */
interface Together {
  readonly ms: number;
  readonly sweeps: boolean;
}

const happenings: readonly (Together | null)[] = [
  ...Array.from({ length: 6 }, () => null),
  ...Array.from({ length: 6 }, () => ({ ms: 0, sweeps: true })),
  ...[5_000, 11_000, 61_000, longMs].flatMap((ms) => [
    { ms, sweeps: true },
    { ms, sweeps: false },
  ]),
];

const rollouts: PlayedModel<RolloutWorld, Together> = {
  name: 'rollouts',
  rounds: 40,
  open: async (seeds) => {
    const worlds = seeds.map((seed) => new RolloutWorld(seed, t));
    await Promise.all(worlds.map((world) => world.begin()));
    await see(worlds);
    return worlds;
  },
  act: async (world, random) => {
    world.random = random;
    await tryAction(world, rolloutActions, random.one(rolloutActionNames));
  },
  choose: (random) => random.one(happenings),
  actTogether: async (crowd, { ms, sweeps }) => {
    if (ms > 0) {
      t.advance(ms);
      await crowd.each((world) => {
        world.told.push(`${ms / 1_000}s`);
        const random = crowd.chance(world, 'away');
        if (ms === longMs && random.below(2) === 0) world.away.add(random.one([...world.ids.keys()]));
        // Agents that are there go on reporting while time passes.
        return world.settle();
      });
    }
    if (sweeps) await sweepAll(crowd);
  },
  check,
  end: heal,
  close: async (worlds) => {
    // Every sweep would look through them.
    const domainIds = [worlds.map(({ domain }) => domain.domainId)];
    await t.db.sql.query('DELETE FROM supervisors WHERE domain_id = ANY($1::text[])', domainIds);
    await t.db.sql.query('DELETE FROM releases WHERE domain_id = ANY($1::text[])', domainIds);
    await t.db.sql.query('DELETE FROM rollouts WHERE domain_id = ANY($1::text[])', domainIds);
    await t.core.hub.tail.catchUp();
    await forgetEvents(t.db.sql);
  },
};

async function sweepAll({ worlds }: Crowd<RolloutWorld>): Promise<void> {
  await sweep(t.core);
  for (const { told } of worlds) told.push('-');
}

async function see(worlds: readonly RolloutWorld[]): Promise<void> {
  const sights = await look(
    t,
    worlds.map(({ domain }) => domain.domainId),
  );
  for (const world of worlds) world.sight = sights.get(world.domain.domainId);
}

async function check(crowd: Crowd<RolloutWorld>): Promise<void> {
  const before = crowd.worlds.map(({ sight }) => sight);
  await see(crowd.worlds);
  await crowd.each((world) => {
    if (!world.sight) return;
    compare(world, world.sight);
    const ofRetired = world.retirements.lookAt(before[crowd.worlds.indexOf(world)], world.sight);
    expect(
      ofRetired.filter(({ reason }) => reason !== 'ROLLED_BACK'),
      'a retired release is installed nowhere, but gone back to',
    ).toEqual([]);
  });
}

/** R6: one version is wanted everywhere, two only while a step is under way; what has ended has no step under way. */
function compare({ ids }: RolloutWorld, { wanted, rollouts: all }: Sight): void {
  const running = all.filter(({ isOver }) => !isOver).flatMap(({ steps }) => steps);
  const busy = new Set(running.filter(({ state }) => busyStates.includes(state)).map((step) => step.supervisorId));
  for (const [hostname, id] of ids) {
    const count = wanted.filter(({ supervisorId }) => supervisorId === id).length;
    expect(count, `a version is wanted on ${hostname}`).toBeGreaterThanOrEqual(1);
    expect(count, `no more than one on ${hostname}, but in a step`).toBeLessThanOrEqual(busy.has(id) ? 2 : 1);
  }
  const ended = all.filter(({ isOver }) => isOver).flatMap(({ steps }) => steps);
  const open = ended.filter(({ state }) => busyStates.includes(state) || state === 'WAITING');
  expect(open, 'what has ended has ended').toEqual([]);
}

const hasEnded = ({ lastRollout }: RolloutWorld) => lastRollout === undefined || lastRollout.isOver;

async function heal(crowd: Crowd<RolloutWorld>): Promise<void> {
  await crowd.each((world) => {
    world.told.push('heal');
    return world.heal();
  });
  await see(crowd.worlds);
  for (let round = 0; round < 20; round++) {
    const left = crowd.worlds.filter((world) => !hasEnded(world));
    if (left.length === 0) break;
    await crowd.each(async (world) => {
      if (world.lastRollout?.state === 'PAUSED') await world.command('resume');
      if (world.lastRollout?.state === 'AWAITING_PROMOTION') await world.command('promote');
    }, left);
    t.advance(11_000);
    await crowd.each((world) => world.settle(), left);
    await sweepAll(crowd);
    await check(crowd);
  }
  await crowd.each(({ lastRollout }) => {
    if (lastRollout) expect(endedStates, 'every rollout ends').toContain(lastRollout.state);
  });
}

test(
  'R1 to R6, C1: whatever comes in whatever order, each supervisor has one version, every rollout ends, and none installs what is retired',
  () => playModel(rollouts, 2),
  modelTimeoutMs(),
);
