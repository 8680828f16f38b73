import type { PluginState } from '@muster/db';
import {
  commandRollout,
  cordonSupervisor,
  deregisterSupervisor,
  disableSupervisor,
  enableSupervisor,
  installPlugin,
  type RolloutCommand,
  registerSupervisor,
  uncordonSupervisor,
  updateSupervisor,
  upgradePlugin,
} from '../../src/index.ts';
import { rolloutCommands } from '../../src/placement/rollout/rolloutLifecycle.ts';
import { reportsOf, tick } from '../agent.ts';
import type { Random } from '../random.ts';
import { newDomain, publish, type TestCore, type TestDomain } from '../testCore.ts';
import { chanceOf, type ModelWorld } from './crowd.ts';
import type { SeenRollout, Sight } from './placementSight.ts';
import { Retirements } from './retirements.ts';

const pluginId = 'collector';
const versions = ['1.0', '2.0'];
const hostnames = ['a', 'b', 'c', 'd'];
const mostlyUp = ['ACTIVE', 'ACTIVE', 'ACTIVE', 'PROVISIONING', 'ERROR'] as const;

/** A domain whose supervisors all run one plugin, which is upgraded again and again. */
export class RolloutWorld implements ModelWorld {
  readonly seed: number;
  readonly t: TestCore;
  readonly domain: TestDomain = newDomain();
  readonly told: string[] = [];
  /** The supervisors that are left, by hostname. */
  readonly ids = new Map<string, string>();
  /** Those whose agents are away. */
  readonly away = new Set<string>();
  readonly retirements: Retirements;
  /** The chance of the step that is under way. */
  random: Random;
  sight: Sight | undefined;

  constructor(seed: number, t: TestCore) {
    this.seed = seed;
    this.t = t;
    this.retirements = new Retirements(t, this.domain);
    this.random = chanceOf(seed, 0, 'begin');
  }

  /** Supervisors that run the old version, of ever greater priority. */
  async begin(): Promise<void> {
    const { t, domain } = this;
    for (const [priority, hostname] of hostnames.entries()) {
      const { supervisor } = await publish(t, domain, { hostname });
      await registerSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, priority });
      await installPlugin(t.core, domain.operator, { pluginId, version: '1.0', supervisorId: supervisor.id });
      this.ids.set(hostname, supervisor.id);
    }
    await this.report(() => 'ACTIVE');
  }

  /** The rollout that was begun last. */
  get lastRollout(): SeenRollout | undefined {
    return this.sight?.rollouts.at(-1);
  }

  target(): { supervisorId: string } {
    return { supervisorId: this.random.one([...this.ids.values()]) };
  }

  async command(command: RolloutCommand): Promise<void> {
    const { t, domain, lastRollout } = this;
    if (lastRollout) await commandRollout(t.core, domain.operator, { rolloutId: lastRollout.id }, command);
  }

  /** The agents that are there report. */
  async report(stateOf: () => PluginState): Promise<void> {
    const there = [...this.ids.keys()].filter((hostname) => !this.away.has(hostname));
    await Promise.all(there.map((hostname) => tick(this.t, this.domain, hostname, stateOf)));
  }

  /** The agents that are there report that the plugins which they were to run at the last look are ACTIVE. */
  async settle(): Promise<void> {
    const { t, domain, away, sight } = this;
    const toRun = sight?.plugins.filter(({ wanted }) => wanted) ?? [];
    const there = [...this.ids].filter(([hostname]) => !away.has(hostname));
    await Promise.all(
      there.map(([hostname, id]) => {
        const assigned = toRun.filter(({ supervisorId }) => supervisorId === id);
        return publish(t, domain, { hostname, plugins: reportsOf(hostname, assigned, () => 'ACTIVE') });
      }),
    );
  }

  /** With everybody back and well, and an operator who has it go on, a rollout comes to its end. */
  async heal(): Promise<void> {
    const { t, domain } = this;
    this.away.clear();
    await this.retirements.forget();
    await this.settle();
    for (const supervisorId of this.ids.values()) {
      await uncordonSupervisor(t.core, domain.operator, { supervisorId });
      await enableSupervisor(t.core, domain.operator, { supervisorId });
    }
  }
}

/** A world's own steps, by name. A refusal is an answer, and changes nothing. */
export const rolloutActions: Readonly<Record<string, (world: RolloutWorld) => Promise<unknown>>> = {
  upgrade: ({ t, domain, random }) => {
    const [from, to] = random.one([versions, versions.toReversed()]);
    const canary = random.below(2) === 0 ? null : { count: 1, autoPromoteSeconds: random.one([null, 20]) };
    return upgradePlugin(t.core, domain.operator, {
      pluginId,
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
  command: (world) => {
    const command = world.random.one(rolloutCommands);
    world.told.push(command);
    return world.command(command);
  },
  report: (world) => world.report(() => world.random.one(mostlyUp)),
  settle: (world) => world.settle(),
  comeBack: async ({ away }) => away.clear(),
  cordon: (world) => cordonSupervisor(world.t.core, world.domain.operator, world.target()),
  uncordon: (world) => uncordonSupervisor(world.t.core, world.domain.operator, world.target()),
  disable: (world) => disableSupervisor(world.t.core, world.domain.operator, world.target()),
  enable: (world) => enableSupervisor(world.t.core, world.domain.operator, world.target()),
  labels: (world) => {
    const labels = world.random.one([{}, { env: 'prod' }]);
    return updateSupervisor(world.t.core, world.domain.operator, { ...world.target(), labels });
  },
  retire: ({ retirements, random }) => retirements.retire({ pluginId, version: random.one(versions) }),
  forgetReleases: ({ retirements }) => retirements.forget(),
  deregister: async (world) => {
    const { t, domain, ids, random } = world;
    const hostname = random.one([...ids.keys()]);
    if (ids.size < 3 || random.below(3) > 0) return;
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: ids.get(hostname), force: true });
    ids.delete(hostname);
  },
};

/** The names of the steps; frequent ones stand several times. */
export const rolloutActionNames = [
  ...Object.keys(rolloutActions),
  ...['upgrade', 'upgrade', 'command', 'command', 'report', 'settle', 'settle', 'comeBack'],
];
