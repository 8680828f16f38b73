import { testDatabaseKind } from '@muster/db/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LivenessModel, type ModelCommand } from '../../testing/livenessModel.ts';
import { modelRuns } from '../../testing/modelRuns.ts';
import { newDomain, publish, refusalOf, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import { fetchAssignments } from '../assignment/assignments.ts';
import { newSupervisorId } from '../base/ids.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { preregisterSupervisor } from '../supervisor/preregister.ts';
import { listSupervisors } from '../supervisor/read.ts';
import { registerSupervisor } from '../supervisor/register.ts';
import { domainConditions, releaseHeldSupervisors } from '../sweep/hold.ts';
import { excuseDowntime, sweep } from '../sweep/sweep.ts';

const settings = { holdMinimum: 3, holdShare: 0.55, leaseSeconds: 300, sweepIntervalMs: 200_000 };
const longestPauseMs = 3 * settings.sweepIntervalMs;
const rules = { leaseMs: 300_000, holdMinimum: 3, holdShare: 55 };

// However slow the machine is, a step's times are those that the model has.
const t = useTestCore({ settings, stopsClock: true });

const hostnames = ['a', 'b', 'c', 'd', 'e'] as const;

interface Real {
  readonly domain: TestDomain;
  readonly ids: Map<string, string>;
  lastSeq: bigint;
}

/** A step of the model, and the same of the product; the two must agree afterwards. */
class Step implements fc.AsyncCommand<LivenessModel, Real> {
  readonly #name: string;
  readonly #act: (model: LivenessModel, real: Real) => Promise<void>;

  constructor(name: string, act: (model: LivenessModel, real: Real) => Promise<void>) {
    this.#name = name;
    this.#act = act;
  }

  check(): boolean {
    return true;
  }

  async run(model: LivenessModel, real: Real): Promise<void> {
    await this.#act(model, real);
    await compare(model, real);
  }

  toString(): string {
    return this.#name;
  }
}

const isSilent = (conditions: unknown) =>
  (conditions as { type: string }[]).some(({ type }) => type === 'LEASE_EXPIRED');

async function compare(model: LivenessModel, real: Real): Promise<void> {
  const { domainId, viewer } = real.domain;
  const rows = await t.db.prisma.supervisor.findMany({ where: { domainId }, include: { lease: true } });
  const seen = rows.map(({ hostname, state, registeredAt, conditions, connected }) => [
    hostname,
    { state, registered: registeredAt !== null, silent: isSilent(conditions), connected },
  ]);
  expect(Object.fromEntries(seen)).toEqual(model.seen());
  // The steps' times differ by a minute at least; a statement may wait for its turn.
  const now = Date.now() + t.core.clockOffsetMs();
  for (const { hostname, lease } of rows) {
    const expected = (model.supervisors.get(hostname)?.leaseEnd ?? 0) - model.now;
    expect(Math.abs(Number(lease?.expiresAt) - now - expected), `the lease of ${hostname}`).toBeLessThan(30_000);
  }
  real.ids.clear();
  for (const { hostname, id } of rows) real.ids.set(hostname, id);
  expect(await eventsSince(real)).toEqual(model.takeEvents().sort());
  const held = await domainConditions(t.core, viewer);
  expect(held.map(({ type }) => type)).toEqual(model.isHeld ? ['LEASES_HELD'] : []);
  const silent = await listSupervisors(t.core, viewer, { filter: { connected: { eq: false } } });
  expect(silent.edges.map(({ node }) => node.hostname)).toEqual(
    rows
      .filter(({ connected }) => !connected)
      .map(({ hostname }) => hostname)
      .sort(),
  );
}

/** E1, L7: the events of states and of silence, as the model names them; other conditions have events of their own. */
async function eventsSince(real: Real): Promise<string[]> {
  const { domainId } = real.domain;
  const events = await t.db.prisma.event.findMany({
    where: { domainId, seq: { gt: real.lastSeq } },
    orderBy: { seq: 'asc' },
  });
  real.lastSeq = events.at(-1)?.seq ?? real.lastSeq;
  return events
    .flatMap(({ from, to, changes, row }): string[] => {
      const { hostname } = row as { hostname: string };
      if (from !== null) return [`${hostname} ${from}>${to}`];
      const { connected } = (changes ?? {}) as { connected?: { to: boolean } };
      return connected ? [`${hostname} ${connected.to ? 'heard' : 'silent'}`] : [];
    })
    .sort();
}

const idOf = ({ ids }: Real, hostname: string) => ids.get(hostname) ?? newSupervisorId();
const operations: Record<ModelCommand, (real: Real, hostname: string) => Promise<unknown>> = {
  register: (real, hostname) =>
    registerSupervisor(t.core, real.domain.operator, { supervisorId: idOf(real, hostname) }),
  preregister: ({ domain }, hostname) => preregisterSupervisor(t.core, domain.operator, { hostname }),
  enable: (real, hostname) => enableSupervisor(t.core, real.domain.operator, { supervisorId: idOf(real, hostname) }),
  disable: (real, hostname) => disableSupervisor(t.core, real.domain.operator, { supervisorId: idOf(real, hostname) }),
  deregister: (real, hostname) =>
    deregisterSupervisor(t.core, real.domain.operator, { supervisorId: idOf(real, hostname) }),
};

/** Each report of a clone names one of two runs, by turns: to liveness they are one agent. */
const publishing = (bootId: string | undefined) => (hostname: string) =>
  new Step(`publish ${hostname}${bootId ? ` of run ${bootId}` : ''}`, async (model, { domain }) => {
    model.publish(hostname);
    await publish(t, domain, { hostname, ...(bootId ? { bootId } : {}) });
  });

const fetching = (hostname: string) =>
  new Step(`fetch ${hostname}`, async (model, { domain }) => {
    model.fetch(hostname);
    await fetchAssignments(t.core, domain.agent, { hostname });
  });

/** A GET renews nothing (L1). */
const looking = (hostname: string) =>
  new Step(`look ${hostname}`, async (_model, { domain }) => {
    await fetchAssignments(t.core, domain.agent, { hostname }, { renews: false });
  });

async function carryOut(command: ModelCommand, hostname: string, model: LivenessModel, real: Real): Promise<void> {
  const code = model.command(hostname, command);
  if (code === null) await operations[command](real, hostname);
  else expect(await refusalOf(operations[command](real, hostname))).toMatchObject({ code });
}

const commanding = (command: ModelCommand) => (hostname: string) =>
  new Step(`${command} ${hostname}`, (model, real) => carryOut(command, hostname, model, real));

/** The domain has enough registered supervisors to be held, and a newcomer. */
const registerMost = new Step('register most', async (model, real) => {
  for (const hostname of hostnames.slice(1)) await carryOut('preregister', hostname, model, real);
  for (const hostname of hostnames) model.publish(hostname);
  await Promise.all(hostnames.map((hostname) => publish(t, real.domain, { hostname })));
});

const publishAll = new Step('publish all', async (model, { domain }) => {
  for (const hostname of model.supervisors.keys()) model.publish(hostname);
  await Promise.all([...model.supervisors.keys()].map((hostname) => publish(t, domain, { hostname })));
});

async function excuseAndSweep(model: LivenessModel): Promise<void> {
  model.excuse(longestPauseMs);
  model.sweep();
  await excuseDowntime(t.core);
  await sweep(t.core);
}

const sweeping = new Step('sweep', excuseAndSweep);

/** Time passes in which the control plane is there: it sweeps at the end. */
const passing = (ms: number) =>
  new Step(`${ms / 1_000} s`, async (model) => {
    model.pass(ms);
    t.advance(ms);
    await excuseAndSweep(model);
  });

/** L5: time passes in which nobody sweeps; an agent may come back before the first sweep. */
const downtime = (hostname: string | null) =>
  new Step(`downtime${hostname ? ` until ${hostname} publishes` : ''}`, async (model, { domain }) => {
    model.pass(1_800_000);
    t.advance(1_800_000);
    if (hostname !== null) {
      model.publish(hostname);
      await publish(t, domain, { hostname });
      model.pass(60_000);
      t.advance(60_000);
    }
    await excuseAndSweep(model);
  });

const releasing = new Step('release', async (model, { domain }) => {
  model.release();
  await releaseHeldSupervisors(t.core, domain.operator, {});
});

const hostname = fc.constantFrom(...hostnames);
const steps = [
  hostname.map(publishing(undefined)),
  hostname.map(publishing(undefined)),
  hostname.map(publishing('one')),
  hostname.map(publishing('two')),
  hostname.map(fetching),
  hostname.map(looking),
  hostname.map(commanding('register')),
  hostname.map(commanding('register')),
  hostname.map(commanding('preregister')),
  hostname.map(commanding('enable')),
  hostname.map(commanding('disable')),
  hostname.map(commanding('deregister')),
  fc.constant(registerMost),
  fc.constant(registerMost),
  fc.constant(publishAll),
  fc.constant(sweeping),
  fc.constantFrom(110_000, 301_000).map(passing),
  fc.constantFrom(110_000, 301_000).map(passing),
  fc.option(hostname).map(downtime),
  fc.constant(releasing),
];

// The embedded database takes ten times as long.
const runs = modelRuns(testDatabaseKind() === 'pglite' ? 3 : 15);

test(
  `L1, L2, L5, L6, L7, S1, S2: whatever comes in whatever order, supervisors are what the model says, and each change of state or silence is one event`,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 40, size: 'max' }), async (commands) => {
        const domain = newDomain();
        await excuseDowntime(t.core);
        try {
          await fc.asyncModelRun(
            () => ({ model: new LivenessModel(rules), real: { domain, ids: new Map(), lastSeq: 0n } }),
            commands,
          );
        } finally {
          // A sweep looks at every domain: what is left would slow the next runs down.
          await t.db.sql.query('DELETE FROM supervisors');
          await t.db.sql.query('DELETE FROM events');
          await t.db.sql.query('DELETE FROM domain_conditions');
        }
      }),
      { numRuns: runs },
    );
  },
  60_000 + 10_000 * runs,
);
