import type { PluginState } from '@muster/db';
import { testSeed } from '@muster/db/testing/seed';
import { beforeEach, expect, test } from 'vitest';
import { modelRuns } from '../../../testing/modelRuns.ts';
import { useRolloutTest } from '../../../testing/rollouts.ts';
import { createRandom, type Random } from '../../../testing/testCore.ts';
import {
  cordonSupervisor,
  DomainError,
  deregisterSupervisor,
  disableSupervisor,
  enableSupervisor,
  uncordonSupervisor,
  updateSupervisor,
} from '../../index.ts';
import { endedStates, rolloutCommands } from './rolloutLifecycle.ts';

const r = useRolloutTest();
beforeEach(() => r.begin());

const steps = 90;
const busyStates = ['INSTALLING', 'REVERTING'];
const mostlyUp = ['ACTIVE', 'ACTIVE', 'ACTIVE', 'PROVISIONING', 'ERROR'] as const;

/** The hosts that are left, and those whose agents are away. */
interface World {
  readonly random: Random;
  readonly ids: Map<string, string>;
  readonly away: Set<string>;
  readonly told: string[];
}

const lastRollout = () =>
  r.t.db.prisma.rollout.findFirst({
    where: { domainId: r.domain.domainId },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    include: { steps: true },
  });

async function report({ ids, away }: World, stateOf: () => PluginState): Promise<void> {
  for (const hostname of ids.keys()) if (!away.has(hostname)) await r.report(hostname, stateOf);
}

const actions: Record<string, (world: World) => Promise<unknown>> = {
  upgrade: ({ random }) => {
    const [from, to] = random.one([['1.0', '2.0'] as const, ['2.0', '1.0'] as const]);
    const canary = random.below(2) === 0 ? null : { count: 1, autoPromoteSeconds: random.one([null, 20]) };
    return r.upgrade({
      from,
      to,
      canary,
      minHealthySeconds: random.one([0, 10]),
      healthyDeadlineSeconds: 60,
      deadlineSeconds: random.one([30, 600]),
      maxFailures: random.below(2),
      maxUnavailable: 1 + random.below(2),
      onFailure: random.one(['ROLL_BACK', 'PAUSE'] as const),
      labels: random.one([{}, { env: 'prod' }]),
    });
  },
  command: async ({ random, told }) => {
    const rollout = await lastRollout();
    const command = random.one(rolloutCommands);
    told.push(command);
    if (rollout) await r.command(rollout, command);
  },
  report: (world) => report(world, () => world.random.one(mostlyUp)),
  settle: (world) => report(world, () => 'ACTIVE'),
  time: async (world) => {
    r.t.advance(world.random.one([5_000, 11_000, 61_000]));
    await report(world, () => 'ACTIVE');
  },
  vanish: async (world) => {
    world.away.add(world.random.one([...world.ids.keys()]));
    r.t.advance(301_000);
    await report(world, () => 'ACTIVE');
  },
  comeBack: async ({ away }) => away.clear(),
  cordon: (world) => cordonSupervisor(r.t.core, r.domain.operator, target(world)),
  uncordon: (world) => uncordonSupervisor(r.t.core, r.domain.operator, target(world)),
  disable: (world) => disableSupervisor(r.t.core, r.domain.operator, target(world)),
  enable: (world) => enableSupervisor(r.t.core, r.domain.operator, target(world)),
  labels: (world) => {
    const labels = world.random.one([{}, { env: 'prod' }]);
    return updateSupervisor(r.t.core, r.domain.operator, { ...target(world), labels });
  },
  deregister: async (world) => {
    const hostname = world.random.one([...world.ids.keys()]);
    if (world.ids.size < 3 || world.random.below(3) > 0) return;
    const supervisorId = world.ids.get(hostname);
    await deregisterSupervisor(r.t.core, r.domain.operator, { supervisorId, force: true });
    world.ids.delete(hostname);
  },
};
const names = [
  ...Object.keys(actions),
  'upgrade',
  'upgrade',
  'command',
  'command',
  'report',
  'settle',
  'settle',
  'time',
  'time',
  'comeBack',
];

function target({ random, ids }: World): { supervisorId: string } {
  return { supervisorId: random.one([...ids.values()]) };
}

/** R6: one version is wanted everywhere, two only while a step is under way; what has ended has no step under way. */
async function check({ ids, told }: World): Promise<void> {
  const { prisma } = r.t.db;
  const { domainId } = r.domain;
  const wanted = await prisma.plugin.findMany({ where: { domainId, wanted: true, managed: true } });
  const running = await prisma.rollout.findMany({ where: { domainId, endedAt: null }, include: { steps: true } });
  const busy = new Set(
    running.flatMap((each) =>
      each.steps.filter(({ state }) => busyStates.includes(state)).map(({ supervisorId }) => supervisorId),
    ),
  );
  for (const id of ids.values()) {
    const count = wanted.filter(({ supervisorId }) => supervisorId === id).length;
    expect(count, `a version is wanted: ${told.join(' ')}`).toBeGreaterThanOrEqual(1);
    expect(count, `no more than one, but in a step: ${told.join(' ')}`).toBeLessThanOrEqual(busy.has(id) ? 2 : 1);
  }
  const ended = await prisma.rollout.findMany({
    where: { domainId, NOT: { endedAt: null } },
    include: { steps: true },
  });
  const open = ended.flatMap((each) => each.steps).filter(({ state }) => [...busyStates, 'WAITING'].includes(state));
  expect(open, `what has ended has ended: ${told.join(' ')}`).toEqual([]);
}

/** With everybody back and well, and an operator who has it go on, a rollout comes to its end. */
async function heal(world: World): Promise<void> {
  world.away.clear();
  for (const supervisorId of world.ids.values()) {
    await uncordonSupervisor(r.t.core, r.domain.operator, { supervisorId });
    await report(world, () => 'ACTIVE');
    await enableSupervisor(r.t.core, r.domain.operator, { supervisorId });
  }
  for (let round = 0; round < 20; round++) {
    const rollout = await lastRollout();
    if (rollout?.state === 'PAUSED') await r.command(rollout, 'resume');
    if (rollout?.state === 'AWAITING_PROMOTION') await r.command(rollout, 'promote');
    r.t.advance(11_000);
    await report(world, () => 'ACTIVE');
    await r.sweep();
  }
  const rollout = await lastRollout();
  if (rollout) expect(endedStates, world.told.join(' ')).toContain(rollout.state);
  await check(world);
}

test.each(Array.from({ length: modelRuns(3) }, (_, run) => testSeed() + run))(
  'R1 to R6: whatever comes in whatever order, each supervisor has one version, and every rollout ends (seed %i)',
  async (seed) => {
    const hostnames = ['a', 'b', 'c', 'd'];
    const ids = await r.fleet(...hostnames);
    const world: World = {
      random: createRandom(seed),
      ids: new Map(hostnames.map((hostname, i) => [hostname, ids[i] ?? ''])),
      away: new Set(),
      told: [],
    };
    for (let step = 0; step < steps; step++) {
      const name = world.random.one(names);
      world.told.push(name);
      try {
        await actions[name]?.(world);
      } catch (error) {
        // A refusal is an answer, and changes nothing.
        if (!(error instanceof DomainError)) throw error;
      }
      await check(world);
      if (world.random.below(2) === 0) await r.sweep();
      await check(world);
    }
    await heal(world);
  },
  120_000,
);
