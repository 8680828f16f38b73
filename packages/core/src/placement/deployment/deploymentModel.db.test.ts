import { expect, test } from 'vitest';
import { forgetEvents } from '../../../testing/forgetEvents.ts';
import type { Crowd } from '../../../testing/model/crowd.ts';
import { deploymentActionNames, deploymentActions } from '../../../testing/model/deploymentActions.ts';
import { checkDeployments, checkSettled, isSettled } from '../../../testing/model/deploymentRules.ts';
import { DeploymentWorld, hostnames } from '../../../testing/model/deploymentWorld.ts';
import { look } from '../../../testing/model/placementSight.ts';
import { modelDatabase, modelTimeoutMs, type PlayedModel, playModel } from '../../../testing/model/playModel.ts';
import { tryAction } from '../../../testing/model/tryAction.ts';
import { useTestCore } from '../../../testing/testCore.ts';
import { enableSupervisor, uncordonSupervisor, undrainSupervisor, updateDeployment } from '../../index.ts';
import { sweep } from '../../sweep/sweep.ts';
import { commandRollout } from '../rollout/commandRollout.ts';

const t = useTestCore({ database: modelDatabase, settings: { holdMinimum: 1_000 }, stopsClock: true });

/** Past a lease: an agent that is away is noticed. */
const longMs = 301_000;

/** A happening in all worlds at once: time passes, or none, and a sweep may come. */
interface Together {
  readonly ms: number;
  readonly sweeps: boolean;
}

const happenings: readonly (Together | null)[] = [
  ...Array.from({ length: 6 }, () => null),
  ...Array.from({ length: 10 }, () => ({ ms: 0, sweeps: true })),
  ...[6_000, 30_000, 61_000, longMs].map((ms) => ({ ms, sweeps: true })),
  { ms: longMs, sweeps: false },
];

const deployments: PlayedModel<DeploymentWorld, Together> = {
  name: 'deployments',
  rounds: 40,
  open: async (seeds) => {
    const worlds = seeds.map((seed) => new DeploymentWorld(seed, t));
    await Promise.all(worlds.map((world) => world.begin()));
    await see(worlds);
    return worlds;
  },
  // A drain advances all that is being moved, in every domain.
  reachesOthers: (random) => random.one(deploymentActionNames) === 'drain',
  act: async (world, random) => {
    world.random = random;
    world.changed.clear();
    await tryAction(world, deploymentActions, random.one(deploymentActionNames));
  },
  choose: (random) => random.one(happenings),
  actTogether: async (crowd, { ms, sweeps }) => {
    if (ms > 0) {
      t.advance(ms);
      await crowd.each((world) => {
        world.told.push(`${ms / 1_000}s`);
        const random = crowd.chance(world, 'away');
        if (ms === longMs && random.below(2) === 0) world.away.add(random.one(hostnames));
        // Agents that are there go on reporting while time passes.
        return world.settle();
      });
      await check(crowd);
    }
    if (sweeps) await sweepAll(crowd);
  },
  check,
  end: heal,
  close: async (worlds) => {
    // Every sweep would look through them.
    const domainIds = [worlds.map(({ domain }) => domain.domainId)];
    await t.db.sql.query('DELETE FROM supervisors WHERE domain_id = ANY($1::text[])', domainIds);
    await t.db.sql.query('DELETE FROM deployments WHERE domain_id = ANY($1::text[])', domainIds);
    await t.db.sql.query('DELETE FROM rollouts WHERE domain_id = ANY($1::text[])', domainIds);
    await t.core.hub.tail.catchUp();
    await forgetEvents(t.db.sql);
  },
};

async function sweepAll({ worlds }: Crowd<DeploymentWorld>): Promise<void> {
  await sweep(t.core);
  for (const { told } of worlds) told.push('-');
}

async function see(worlds: readonly DeploymentWorld[]): Promise<void> {
  const sights = await look(
    t,
    worlds.map(({ domain }) => domain.domainId),
  );
  for (const world of worlds) world.sight = sights.get(world.domain.domainId) ?? world.sight;
}

async function check(crowd: Crowd<DeploymentWorld>): Promise<void> {
  const before = new Map(crowd.worlds.map((world) => [world, world.sight]));
  await see(crowd.worlds);
  await crowd.each((world) => checkDeployments(world, before.get(world) ?? world.sight));
}

/** With everybody back and well, and all that is halted going on, every deployment is fulfilled. */
async function heal(crowd: Crowd<DeploymentWorld>): Promise<void> {
  await crowd.each(async ({ away, operator, sight, told }) => {
    told.push('heal');
    away.clear();
    for (const { id: supervisorId } of sight.supervisors) {
      await undrainSupervisor(t.core, operator, { supervisorId });
      await uncordonSupervisor(t.core, operator, { supervisorId });
      await enableSupervisor(t.core, operator, { supervisorId });
    }
    for (const { id: deploymentId } of sight.deployments) {
      await updateDeployment(t.core, operator, { deploymentId, isPaused: false });
    }
  });
  await check(crowd);
  for (let round = 0; round < mostHealing; round++) {
    const left = crowd.worlds.filter((world) => !isSettled(world));
    if (round > 2 && left.length === 0) break;
    await crowd.each(goOn);
    t.advance(6_000);
    await crowd.each((world) => world.settle());
    await sweepAll(crowd);
    await check(crowd);
  }
  await crowd.each(checkSettled);
  await checkStill(crowd);
}

/** Rounds in which all must have come to its end. */
const mostHealing = 60;

async function goOn({ operator, sight }: DeploymentWorld): Promise<void> {
  for (const { id: rolloutId, state } of sight.rollouts) {
    if (state === 'PAUSED') await commandRollout(t.core, operator, { rolloutId }, 'resume');
    if (state === 'AWAITING_PROMOTION') await commandRollout(t.core, operator, { rolloutId }, 'promote');
  }
}

/** Once all is there, nothing is done any more: no deployment works against another, or against itself. */
async function checkStill(crowd: Crowd<DeploymentWorld>): Promise<void> {
  const ends = async () => {
    const rows = await t.db.sql.query<{ domainId: string; seq: string }>(
      'SELECT domain_id AS "domainId", max(seq)::text AS seq FROM events WHERE domain_id = ANY($1::text[]) GROUP BY 1',
      [crowd.worlds.map(({ domain }) => domain.domainId)],
    );
    return new Map(rows.map(({ domainId, seq }) => [domainId, seq]));
  };
  const before = await ends();
  await crowd.each((world) => world.settle());
  await sweepAll(crowd);
  const after = await ends();
  await crowd.each(({ domain: { domainId } }) => {
    expect(after.get(domainId), 'nothing happens any more').toBe(before.get(domainId));
  });
}

test(
  'C2 to C4, M7: whatever comes in whatever order, every deployment is fulfilled in the end, and what it must not touch stays',
  () => playModel(deployments, 2),
  modelTimeoutMs(),
);
