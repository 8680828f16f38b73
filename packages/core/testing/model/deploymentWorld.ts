import type { PluginState } from '@muster/db';
import { registerSupervisor } from '../../src/index.ts';
import { reportsOf, tick } from '../agent.ts';
import type { Random } from '../random.ts';
import { newDomain, publish, type TestCore, type TestDomain } from '../testCore.ts';
import { chanceOf, type ModelWorld } from './crowd.ts';
import type { SeenDeployment, Sight } from './placementSight.ts';
import { nothing } from './placementWorld.ts';

/** The supervisors of a world. */
export const hostnames = ['a', 'b', 'c', 'd', 'e'] as const;
/** The plugins that are deployed; most deployments are of the first, so that they are in conflict. */
export const pluginIds = ['collector', 'collector', 'collector', 'webhook'] as const;
export const versions = ['1.0', '2.0', '3.0'] as const;

/** Labels as supervisors have them. */
export const labelings = [
  { zone: 'x', tier: 'edge' },
  { zone: 'y', tier: 'edge' },
  { zone: 'x', tier: 'core' },
  { zone: 'y' },
] as const;

/** The selection of a deployment: labels, and the labels that its filter asks for. */
export interface Selection {
  readonly labels: Readonly<Record<string, string>>;
  readonly filtered: Readonly<Record<string, string>>;
}

/** A domain in which plugins are deployed, and whatever happens to its supervisors. */
export class DeploymentWorld implements ModelWorld {
  readonly seed: number;
  readonly t: TestCore;
  readonly domain: TestDomain = newDomain();
  readonly told: string[] = [];
  readonly ids = new Map<string, string>();
  /** Those whose agents are away. */
  readonly away = new Set<string>();
  /** The selection of each deployment, by id. */
  readonly selections = new Map<string, Selection>();
  /** The pinned one-off installs that nobody has uninstalled, by the ids of their rows. */
  readonly oneOffs = new Set<string>();
  /** The deployments that an operator changed in the step that is under way. */
  readonly changed = new Set<string>();
  /** The chance of the step that is under way. */
  random: Random;
  sight: Sight = nothing;

  constructor(seed: number, t: TestCore) {
    this.seed = seed;
    this.t = t;
    this.random = chanceOf(seed, 0, 'begin');
  }

  get operator() {
    return this.domain.operator;
  }

  async begin(): Promise<void> {
    await Promise.all(hostnames.map((hostname, i) => this.join(hostname, labelings[i % labelings.length] ?? {})));
  }

  /** A supervisor comes, and is registered. */
  async join(hostname: string, labels: object): Promise<void> {
    const { t, domain } = this;
    const { supervisor } = await publish(t, domain, { hostname });
    await registerSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, labels });
    this.ids.set(hostname, supervisor.id);
  }

  target(): { supervisorId: string } {
    return { supervisorId: this.ids.get(this.random.one(hostnames)) ?? '' };
  }

  /** A deployment by chance, if there is one. */
  deployment(): SeenDeployment | undefined {
    const { deployments } = this.sight;
    return deployments.length === 0 ? undefined : this.random.one(deployments);
  }

  async report(hostname: string, states: readonly PluginState[]): Promise<void> {
    await tick(this.t, this.domain, hostname, () => this.random.one(states));
  }

  /** All agents that are there report that the plugins which they were to run at the last look are ACTIVE. */
  async settle(): Promise<void> {
    const { t, domain, away, ids } = this;
    const toRun = this.sight.plugins.filter(({ wanted }) => wanted);
    const there = hostnames.filter((hostname) => !away.has(hostname));
    await Promise.all(
      there.map((hostname) => {
        const assigned = toRun.filter(({ supervisorId }) => supervisorId === ids.get(hostname));
        return publish(t, domain, { hostname, plugins: reportsOf(hostname, assigned, () => 'ACTIVE') });
      }),
    );
  }
}
