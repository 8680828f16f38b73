import type { Plugin, PluginState, Supervisor } from '@muster/db';
import { type AcquiredEndpoint, DomainError, updateSupervisor } from '../src/index.ts';
import { tick } from './agent.ts';
import { newDomain, type Random, type TestCore, type TestDomain } from './testCore.ts';

/** The supervisors of a world. */
export const hostnames = ['a', 'b', 'c', 'd'] as const;
/** Those that other domains use, too. */
export const publicHostnames = ['c', 'd'];
/** The plugins that are counted. */
export const pluginIds = ['collector', 'webhook'];
/** The plugin that callers wait for: their wishes are made at any time, so it is not counted. */
export const awaitedId = 'awaited';
export const versions = ['1.0', '2.0'] as const;

/** A plugin with its supervisor. */
type Located = Plugin & { supervisor: Supervisor };

/** The rows at one moment. */
export interface Sight {
  supervisors: Supervisor[];
  /** The managed plugins that are wanted. */
  wanted: Located[];
  /** The managed plugins that are wanted no more, and were reported. */
  stopping: Located[];
  /** Of each plugin, on how many supervisors a rollout has both versions. */
  rolling: Map<string, number>;
  /** The plugins with a rollout that is not over. */
  upgrading: Set<string>;
}

/** Reads the rows of a domain. */
export async function look(t: TestCore, { domainId }: TestDomain): Promise<Sight> {
  const include = { supervisor: true } as const;
  const [supervisors, managed, running] = await Promise.all([
    t.db.prisma.supervisor.findMany({ where: { domainId } }),
    t.db.prisma.plugin.findMany({ where: { domainId, managed: true }, include }),
    t.db.prisma.rollout.findMany({ where: { domainId, endedAt: null }, include: { steps: true } }),
  ]);
  const wanted = managed.filter((plugin) => plugin.wanted);
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
    stopping: managed.filter((plugin) => !plugin.wanted && !plugin.unreported),
    rolling: new Map(rolling),
    upgrading: new Set(running.map(({ pluginId }) => pluginId)),
  };
}

/** Whether a plugin is to take the place of another that is still there. */
export function isReplacement(sight: Sight, { replacesId }: Plugin): boolean {
  return sight.wanted.some(({ id }) => id === replacesId);
}

/** How often a plugin is wanted, what moves or is upgraded counted once. */
export function countOf(sight: Sight, pluginId: string): number {
  const own = sight.wanted.filter((plugin) => plugin.pluginId === pluginId && !isReplacement(sight, plugin));
  return own.length - (sight.rolling.get(pluginId) ?? 0);
}

/** How a caller's wait ended. */
export type Waited = AcquiredEndpoint | DomainError;

/** A domain in which anything happens, a tenant of its public supervisors, and how many instances of each plugin they want. */
export class World {
  readonly t: TestCore;
  readonly domain = newDomain();
  readonly guest = newDomain();
  readonly guestWanted = new Map(pluginIds.map((pluginId) => [pluginId, 0]));
  readonly wanted = new Map(pluginIds.map((pluginId) => [pluginId, 0]));
  readonly told: string[] = [];
  readonly away = new Set<string>();
  readonly random: Random;
  readonly ids = new Map<string, string>();
  /** The supervisors that an operator cordoned by themselves, by hostname (D2). */
  readonly cordoned = new Set<string>();
  readonly waits: Promise<Waited>[] = [];

  constructor(t: TestCore, random: Random) {
    this.t = t;
    this.random = random;
  }

  get operator() {
    return this.domain.operator;
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

  async setPublic(isPublic: boolean, names: readonly string[] = publicHostnames): Promise<void> {
    for (const hostname of names) {
      await updateSupervisor(this.t.core, this.domain.admin, { supervisorId: this.idOf(hostname), isPublic });
    }
  }

  async report(hostname: string, states: readonly PluginState[]): Promise<void> {
    await tick(this.t, this.domain, hostname, () => this.random.one(states));
  }

  /** Agents that are there go on reporting while time passes. */
  async passTime(ms: number): Promise<void> {
    this.t.advance(ms);
    for (const hostname of hostnames) if (!this.away.has(hostname)) await this.report(hostname, ['ACTIVE']);
  }

  wait(waiting: Promise<AcquiredEndpoint>): void {
    this.waits.push(
      waiting.catch((error: unknown) => {
        if (error instanceof DomainError) return error;
        throw error;
      }),
    );
  }
}
