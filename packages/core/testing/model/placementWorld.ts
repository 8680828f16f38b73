import type { PluginState } from '@muster/db';
import { type AcquiredEndpoint, registerSupervisor } from '../../src/index.ts';
import { reportsOf, tick } from '../agent.ts';
import type { Random } from '../random.ts';
import { newDomain, publish, type TestCore, type TestDomain } from '../testCore.ts';
import { chanceOf, type ModelWorld } from './crowd.ts';
import type { Sight } from './placementSight.ts';
import { Retirements } from './retirements.ts';

/** The supervisors of a world. */
export const hostnames = ['a', 'b', 'c', 'd'] as const;
/** Those that other domains use, too. */
export const publicHostnames = ['c', 'd'];
/** The plugins that are counted. */
export const pluginIds = ['collector', 'webhook'];
/** The plugin that callers wait for: their wishes are made at any time, so it is not counted. */
export const awaitedId = 'awaited';
export const versions = ['1.0', '2.0'] as const;

/** The sight of a domain before the first look. */
export const nothing: Sight = {
  supervisors: [],
  plugins: [],
  wanted: [],
  stopping: [],
  rollouts: [],
  deployments: [],
  rolling: new Map(),
  upgrading: new Set(),
};

/** A domain in which anything happens, a tenant of its public supervisors, and how many instances of each plugin they want. */
export class PlacementWorld implements ModelWorld {
  readonly seed: number;
  readonly t: TestCore;
  readonly domain: TestDomain = newDomain();
  readonly guest: TestDomain = newDomain();
  readonly guestWanted = new Map(pluginIds.map((pluginId) => [pluginId, 0]));
  readonly wanted = new Map(pluginIds.map((pluginId) => [pluginId, 0]));
  readonly told: string[] = [];
  readonly away = new Set<string>();
  readonly ids = new Map<string, string>();
  /** The supervisors that an operator cordoned by themselves, by hostname (D2). */
  readonly cordoned = new Set<string>();
  readonly retirements: Retirements;
  /** Those who wait, and the answers or errors of those who did. */
  readonly waits = new Set<Promise<void>>();
  readonly waited: unknown[] = [];
  /** The chance of the step that is under way. */
  random: Random;
  /** The rows at the last look: of the domain, and of the tenant. */
  sight: Sight = nothing;
  guestSight: Sight = nothing;
  /** By plugin and version: the rows that decided what was served at the last look. */
  readonly decided = new Map<string, string>();

  constructor(seed: number, t: TestCore) {
    this.seed = seed;
    this.t = t;
    this.retirements = new Retirements(t, this.domain);
    this.random = chanceOf(seed, 0, 'begin');
  }

  get operator() {
    return this.domain.operator;
  }

  /** The label of the world's supervisors: what asks for it goes to no other world's. */
  get label() {
    return { world: this.domain.domainId };
  }

  /** The ids of the domain and of the tenant. */
  get domainIds(): string[] {
    return [this.domain.domainId, this.guest.domainId];
  }

  async begin(): Promise<void> {
    await Promise.all(hostnames.map((hostname) => this.join(hostname)));
  }

  /** A supervisor comes, and is registered. */
  async join(hostname: string): Promise<void> {
    const { t, domain } = this;
    const { supervisor } = await publish(t, domain, { hostname });
    const isPublic = publicHostnames.includes(hostname);
    const target = { supervisorId: supervisor.id };
    await registerSupervisor(t.core, isPublic ? domain.admin : domain.operator, {
      ...target,
      isPublic,
      labels: this.label,
    });
    this.ids.set(hostname, supervisor.id);
  }

  idOf(hostname: string): string {
    return this.ids.get(hostname) ?? '';
  }

  target(names: readonly string[] = hostnames): { supervisorId: string } {
    return { supervisorId: this.idOf(this.random.one(names)) };
  }

  want(pluginId: string, more: number): void {
    if (pluginId !== awaitedId) this.wanted.set(pluginId, (this.wanted.get(pluginId) ?? 0) + more);
  }

  guestWants(pluginId: string, more: number): void {
    this.guestWanted.set(pluginId, (this.guestWanted.get(pluginId) ?? 0) + more);
  }

  async report(hostname: string, states: readonly PluginState[]): Promise<void> {
    await tick(this.t, this.domain, hostname, () => this.random.one(states));
  }

  /** All agents that are there report that the plugins which they were to run at the last look are ACTIVE. */
  async settle(): Promise<void> {
    const { t, domain, away, ids } = this;
    const toRun = [...this.sight.plugins, ...this.guestSight.plugins].filter(({ wanted }) => wanted);
    const there = hostnames.filter((hostname) => !away.has(hostname));
    await Promise.all(
      there.map((hostname) => {
        const assigned = toRun.filter(({ supervisorId }) => supervisorId === ids.get(hostname));
        return publish(t, domain, { hostname, plugins: reportsOf(hostname, assigned, () => 'ACTIVE') });
      }),
    );
  }

  wait(waiting: Promise<AcquiredEndpoint>): void {
    const end = waiting.then(
      (endpoint) => void this.waited.push(endpoint),
      (error: unknown) => void this.waited.push(error),
    );
    const wait = end.finally(() => this.waits.delete(wait));
    this.waits.add(wait);
  }
}
