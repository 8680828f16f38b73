import { expect } from 'vitest';
import { fetchAssignments } from '../../src/assignment/assignments.ts';
import { newSupervisorId } from '../../src/base/ids.ts';
import { deregisterSupervisor } from '../../src/supervisor/deregister.ts';
import { disableSupervisor, enableSupervisor } from '../../src/supervisor/enable.ts';
import { preregisterSupervisor } from '../../src/supervisor/preregister.ts';
import { registerSupervisor } from '../../src/supervisor/register.ts';
import { releaseHeldSupervisors } from '../../src/sweep/hold.ts';
import type { Random } from '../random.ts';
import { newDomain, publish, refusalOf, type TestCore, type TestDomain } from '../testCore.ts';
import type { ModelWorld } from './crowd.ts';
import { LivenessModel, type ModelCommand, type ModelSettings } from './livenessModel.ts';

/** The supervisors of a world. */
const hostnames = ['a', 'b', 'c', 'd', 'e'] as const;

/** A domain beside the model of it. */
export class LivenessWorld implements ModelWorld {
  readonly told: string[] = [];
  readonly domain: TestDomain = newDomain();
  /** The ids of the supervisors that are there, by hostname. */
  readonly ids = new Map<string, string>();
  readonly seed: number;
  readonly t: TestCore;
  readonly model: LivenessModel;

  constructor(seed: number, t: TestCore, rules: ModelSettings) {
    this.seed = seed;
    this.t = t;
    this.model = new LivenessModel(rules);
  }
}

const operations: Record<ModelCommand, (world: LivenessWorld, hostname: string) => Promise<unknown>> = {
  register: ({ t, domain, ids }, hostname) => registerSupervisor(t.core, domain.operator, target(ids, hostname)),
  preregister: ({ t, domain }, hostname) => preregisterSupervisor(t.core, domain.operator, { hostname }),
  enable: ({ t, domain, ids }, hostname) => enableSupervisor(t.core, domain.operator, target(ids, hostname)),
  disable: ({ t, domain, ids }, hostname) => disableSupervisor(t.core, domain.operator, target(ids, hostname)),
  deregister: ({ t, domain, ids }, hostname) => deregisterSupervisor(t.core, domain.operator, target(ids, hostname)),
};

function target(ids: ReadonlyMap<string, string>, hostname: string): { supervisorId: string } {
  return { supervisorId: ids.get(hostname) ?? newSupervisorId() };
}

async function carryOut(world: LivenessWorld, command: ModelCommand, hostname: string): Promise<void> {
  const code = world.model.command(hostname, command);
  if (code === null) await operations[command](world, hostname);
  else expect(await refusalOf(operations[command](world, hostname))).toMatchObject({ code });
}

type Step = (world: LivenessWorld, hostname: string) => Promise<unknown>;

const command =
  (name: ModelCommand): Step =>
  (world, hostname) =>
    carryOut(world, name, hostname);

/** Each report of a clone names one of two runs, by turns: to liveness they are one agent. */
const publishing =
  (bootId?: string): Step =>
  ({ t, model, domain }, hostname) => {
    model.publish(hostname);
    return publish(t, domain, { hostname, ...(bootId ? { bootId } : {}) });
  };

/** A world's own steps, by name. */
const steps: Readonly<Record<string, Step>> = {
  publish: publishing(),
  publishOne: publishing('one'),
  publishTwo: publishing('two'),
  fetch: ({ t, model, domain }, hostname) => {
    model.fetch(hostname);
    return fetchAssignments(t.core, domain.agent, { hostname });
  },
  // A GET renews nothing (L1).
  look: ({ t, domain }, hostname) => fetchAssignments(t.core, domain.agent, { hostname }, { renews: false }),
  register: command('register'),
  preregister: command('preregister'),
  enable: command('enable'),
  disable: command('disable'),
  deregister: command('deregister'),
  // The domain has enough registered supervisors to be held, and maybe a newcomer.
  registerMost: async (world) => {
    const seen = world.model.seen();
    const others = hostnames.slice(1).filter((hostname) => !seen[hostname]?.registered);
    for (const hostname of others) await carryOut(world, 'preregister', hostname);
    await publishAll(world, hostnames);
  },
  publishAll: (world) => publishAll(world, [...world.model.supervisors.keys()]),
  release: ({ t, model, domain }) => {
    model.release();
    return releaseHeldSupervisors(t.core, domain.operator, {});
  },
};

const names = [...Object.keys(steps), 'publish', 'register', 'registerMost'];

async function publishAll({ t, domain, model }: LivenessWorld, published: readonly string[]): Promise<void> {
  for (const hostname of published) model.publish(hostname);
  await Promise.all(published.map((hostname) => publish(t, domain, { hostname })));
}

/** A step of the model, and the same of the product. */
export async function takeStep(world: LivenessWorld, random: Random): Promise<void> {
  const name = random.one(names);
  const hostname = random.one(hostnames);
  world.told.push(`${name}(${hostname})`);
  await steps[name]?.(world, hostname);
}

/** Some agent publishes, or none. */
export async function publishSome(world: LivenessWorld, random: Random): Promise<void> {
  const hostname = random.one([null, ...hostnames]);
  if (hostname === null) return;
  world.told.push(`publish(${hostname})`);
  await steps.publish?.(world, hostname);
}
