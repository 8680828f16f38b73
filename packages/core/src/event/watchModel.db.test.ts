import { setImmediate } from 'node:timers/promises';
import { PluginState, SupervisorState } from '@muster/db';
import { testDatabaseKind } from '@muster/db/testing';
import { afterEach, beforeAll, expect, test } from 'vitest';
import {
  createRandom,
  newDomain,
  publish,
  type Random,
  reportPlugin,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import {
  createList,
  createWatching,
  expectSame,
  listedPlugins,
  listedSupervisors,
  next,
  type WatchStream,
} from '../../testing/watching.ts';
import { DomainError } from '../base/errors.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import type { PluginFilter, SupervisorFilter } from '../query/filter.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { registerSupervisor } from '../supervisor/register.ts';
import { updateSupervisor } from '../supervisor/update.ts';

// Only NOTIFY wakes the tail here: what passes these tests doesn't pass by polling.
const t = useTestCore({ settings: { eventPollMs: 1_000_000, subscriptionBufferEvents: 100_000 } });
let watching: ReturnType<typeof createWatching>;
beforeAll(async () => {
  watching = createWatching(t.core);
});
afterEach(async () => {
  await watching.closeAll();
  expect(t.core.hub.openQueues).toBe(0);
});

const hostnames = ['h0', 'h1', 'h2', 'h3', 'h4'];
const pluginIds = ['p0', 'p1', 'p2'];
const messages = [null, '', 'a', 'Ä'];

function randomSupervisorFilter(random: Random, depth = 2): SupervisorFilter {
  const nested = () => randomSupervisorFilter(random, depth - 1);
  return random.one<() => SupervisorFilter>([
    () => ({ state: { in: random.some(Object.values(SupervisorState)) } }),
    () => ({ state: { ne: random.one(Object.values(SupervisorState)) } }),
    () => ({ hostname: { in: random.some(hostnames) } }),
    () => ({ name: { contains: random.one(['1', 'h', 'H']), insensitive: random.one([true, false]) } }),
    () => ({ priority: { gt: random.below(4) } }),
    () => ({ labels: { contains: { env: random.one(['prod', 'test']) } } }),
    () => ({ tags: { hasKey: random.one(['x', 'y']) } }),
    () => ({ registeredAt: { isNull: random.one([true, false]) } }),
    () => ({}),
    ...(depth > 0
      ? [
          () => ({ not: nested() }),
          () => ({ and: [nested(), nested()] }),
          () => ({ or: [nested(), nested()] }),
          () => ({ plugins: { [random.one(['some', 'none', 'every'])]: randomPluginFilter(random, depth - 1) } }),
        ]
      : []),
  ])();
}

function randomPluginFilter(random: Random, depth = 2): PluginFilter {
  const nested = () => randomPluginFilter(random, depth - 1);
  return random.one<() => PluginFilter>([
    () => ({ state: { in: random.some(Object.values(PluginState)) } }),
    () => ({ pluginId: { ne: random.one(pluginIds) } }),
    () => ({ message: { isNull: random.one([true, false]) } }),
    () => ({ message: { eq: 'ä', insensitive: random.one([true, false]) } }),
    () => ({ generation: { gte: 1 + random.below(3) } }),
    () => ({ observedGeneration: { lt: 1 + random.below(3) } }),
    () => ({ endpoint: { startsWith: random.one(['grpc://a', 'grpc://b']) } }),
    () => ({ reason: { isNull: random.one([true, false]) } }),
    () => ({}),
    ...(depth > 0
      ? [
          () => ({ not: nested() }),
          () => ({ and: [nested(), nested()] }),
          () => ({ or: [nested(), nested()] }),
          () => ({ supervisor: randomSupervisorFilter(random, depth - 1) }),
        ]
      : []),
  ])();
}

/**
 * Does something to some supervisor; what its state refuses is as good as anything else. Only `own` ones are published,
 * recovered and deregistered: what one writer refuses another here doesn't take away meanwhile.
 */
async function operate(domain: TestDomain, random: Random, own: readonly string[]): Promise<void> {
  const hostname = random.one(random.below(2) === 0 ? own : hostnames);
  const publishSome = () =>
    publish(t, domain, {
      hostname,
      labels: { env: random.one(['prod', 'test', 'dev']) },
      plugins: random.some(pluginIds).map((pluginId) => ({
        pluginId,
        version: '1',
        state: random.one(['PROVISIONING', 'ACTIVE', 'ERROR'] as const),
        message: random.one(messages),
        endpoint: random.one([null, 'grpc://a:1', 'grpc://b:1']),
        observedGeneration: random.one([null, 1, 2, 3]),
      })),
    });
  const found = await t.db.prisma.supervisor.findFirst({ where: { domainId: domain.domainId, hostname } });
  const target = { supervisorId: found?.id ?? 'supervisor-000000000000' };
  const { core } = t;
  const recover = () =>
    recoverPlugin(core, domain.operator, { ...target, pluginId: random.one(pluginIds), version: '1' });
  const work = random.one<() => Promise<unknown>>([
    ...(own.includes(hostname) ? [publishSome, publishSome, publishSome, publishSome, recover] : []),
    () => registerSupervisor(core, domain.operator, { ...target, name: `named ${hostname}` }),
    () => updateSupervisor(core, domain.operator, { ...target, labels: { env: random.one(['prod', 'test']) } }),
    () => updateSupervisor(core, domain.operator, { ...target, tags: { [random.one(['x', 'y'])]: null } }),
    () =>
      updateSupervisor(core, domain.operator, { ...target, priority: random.below(5), name: `H${random.below(3)}` }),
    () => disableSupervisor(core, domain.operator, target),
    () => enableSupervisor(core, domain.operator, target),
    ...(own.includes(hostname) && random.below(3) === 0
      ? [() => deregisterSupervisor(core, domain.operator, { ...target, force: true })]
      : []),
  ]);
  await work().catch((error: unknown) => {
    if (!(error instanceof DomainError) || error.code === 'INTERNAL_SERVER_ERROR') throw error;
  });
}

/** Reads at its own pace, disconnecting and resuming now and then, until the sentinel arrives. */
async function keepList<Row extends { id: string }>(
  random: Random,
  start: (after?: string) => Promise<WatchStream<Row>>,
  isSentinel: (row: Row) => boolean,
): Promise<Map<string, Row>> {
  const list = createList<Row>(t.core);
  let stream = await start();
  for (;;) {
    const event = await next(stream);
    list.apply(event);
    if (event.row && isSentinel(event.row) && list.synced) return list.rows;
    for (let pause = random.below(4); pause > 0; pause--) await setImmediate();
    if (list.synced && random.below(12) === 0) {
      await stream.return?.();
      stream = await start(list.cursor);
      list.resume();
    }
  }
}

test.each([1, 2, 3, 4])(
  'whatever happens, and whenever a watch begins or resumes, its list is what the same filter lists: seed %i',
  async (seed) => {
    const domain = newDomain();
    const random = createRandom(seed);
    // PGlite has one connection: there, writers only take turns.
    const writers = testDatabaseKind() === 'postgresql' ? 4 : 1;
    const operations = testDatabaseKind() === 'postgresql' ? 50 : 90;
    const begun: Promise<() => Promise<void>>[] = [];

    /** Keeps a check; its failure is thrown at the end, where the check is awaited. */
    function keep(check: Promise<() => Promise<void>>): void {
      check.catch(() => {});
      begun.push(check);
    }

    function beginWatch(): void {
      const own = createRandom(random.below(1_000_000));
      if (own.below(2) === 0) {
        const filter: SupervisorFilter = { or: [randomSupervisorFilter(own), { hostname: { eq: 'sentinel' } }] };
        const kept = keepList(
          own,
          (after) => watching.watchSupervisors(domain.viewer, { filter, after }),
          ({ hostname }) => hostname === 'sentinel',
        );
        keep(
          kept.then(
            (rows) => async () =>
              expectSame('supervisor', rows, await listedSupervisors(t.core, domain.viewer, filter)),
          ),
        );
      } else {
        const filter: PluginFilter = { or: [randomPluginFilter(own), { pluginId: { eq: 'sentinel' } }] };
        const kept = keepList(
          own,
          (after) => watching.watchPlugins(domain.viewer, { filter, after }),
          ({ pluginId }) => pluginId === 'sentinel',
        );
        keep(
          kept.then(
            (rows) => async () => expectSame('plugin', rows, await listedPlugins(t.core, domain.viewer, filter)),
          ),
        );
      }
    }

    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        const hosts = hostnames.filter((_host, i) => i % writers === writer);
        const own = createRandom(random.below(1_000_000));
        for (let done = 0; done < operations; done++) {
          if (done === 0 || own.below(6 * writers) === 0) beginWatch();
          await operate(domain, own, hosts);
        }
      }),
    );
    await reportPlugin(t, domain, 'sentinel', { pluginId: 'sentinel' });
    const checks = await Promise.all(begun);
    expect(checks.length).toBeGreaterThan(3);
    for (const check of checks) await check();
  },
);
