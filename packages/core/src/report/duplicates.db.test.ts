import { describe, expect, test } from 'vitest';
import { nearInTest } from '../../testing/near.ts';
import {
  enabledSupervisor,
  eventsOf,
  newDomain,
  publish,
  reportPlugin,
  rowPlaces,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { recoverPlugin } from '../plugin/recover.ts';

const expectNear = nearInTest();

const t = useTestCore();

const hostname = 'host-1';
const quietMs = 121_000;

const supervisorOf = (domain: TestDomain) =>
  t.db.prisma.supervisor.findFirstOrThrow({ where: { domainId: domain.domainId, hostname } });
const conditionsOf = async (domain: TestDomain) => (await supervisorOf(domain)).conditions;
const updatesOf = async (domain: TestDomain) =>
  (await eventsOf(t, domain)).filter((event) => event.startsWith('SUPERVISOR_UPDATED'));

/** Publishes of the runs named, one after another. */
async function runs(domain: TestDomain, ...bootIds: string[]): Promise<void> {
  for (const bootId of bootIds) {
    t.advance(5_000);
    await publish(t, domain, { hostname, bootId });
  }
}

/** Reports of one plugin at the endpoints named, by agents that name no run. */
async function at(domain: TestDomain, ...endpoints: (string | null)[]): Promise<void> {
  for (const endpoint of endpoints) {
    t.advance(5_000);
    await reportPlugin(t, domain, hostname, { endpoint });
  }
}

const duplicate = {
  type: 'DUPLICATE_AGENT',
  since: expect.any(String),
  message: 'two or more agents publish as host-1 by turns',
};

describe('S8: runs that take turns', () => {
  test('raise the condition once, in one event, however long they do', async () => {
    const domain = newDomain();
    await enabledSupervisor(t, domain, { hostname });
    await runs(domain, 'A', 'B');
    expect(await conditionsOf(domain)).toEqual([]);
    await runs(domain, 'A');
    const raised = await conditionsOf(domain);
    expect(raised).toEqual([duplicate]);
    for (let times = 0; times < 20; times++) await runs(domain, 'B', 'A', 'A', 'B');
    expect(await conditionsOf(domain)).toEqual(raised);
    expect(await updatesOf(domain)).toEqual(['SUPERVISOR_UPDATED PUBLISHED by supervisor']);
  });

  test('say since when, and the publish that shows them says so in its answer', async () => {
    const domain = newDomain();
    await runs(domain, 'A', 'B');
    const { supervisor } = await publish(t, domain, { hostname, bootId: 'A' });
    const [condition] = supervisor.conditions as { since: string }[];
    expect(condition).toEqual(duplicate);
    const since = Number(new Date(condition?.since ?? ''));
    expectNear(since, Date.now() + t.core.clockOffsetMs());
  });

  test('are no restarts: a run that ended does not come back', async () => {
    const domain = newDomain();
    await runs(domain, 'A', 'A', 'B', 'B', 'C', 'D', 'D');
    expect(await conditionsOf(domain)).toEqual([]);
    expect(await updatesOf(domain)).toEqual([]);
  });

  test('are of one supervisor: one agent’s runs on two hosts are none', async () => {
    const domain = newDomain();
    for (const bootId of ['A', 'B', 'A', 'B']) {
      await publish(t, domain, { hostname: bootId === 'A' ? hostname : 'host-2', bootId });
    }
    expect(await conditionsOf(domain)).toEqual([]);
  });

  test('are no longer said of a supervisor that was quiet for a while, from the next publish on', async () => {
    const domain = newDomain();
    await runs(domain, 'A', 'B', 'A');
    await runs(domain, 'A', 'A');
    expect(await conditionsOf(domain)).toEqual([duplicate]);
    t.advance(quietMs);
    expect(await conditionsOf(domain)).toEqual([duplicate]);
    await runs(domain, 'A');
    expect(await conditionsOf(domain)).toEqual([]);
    await runs(domain, 'A', 'A');
    expect(await updatesOf(domain)).toHaveLength(2);
    await runs(domain, 'B', 'A');
    expect(await conditionsOf(domain)).toEqual([duplicate]);
  });

  test('seen again start the quiet time anew', async () => {
    const domain = newDomain();
    await runs(domain, 'A', 'B', 'A');
    t.advance(80_000);
    await runs(domain, 'B');
    t.advance(80_000);
    await runs(domain, 'B');
    expect(await conditionsOf(domain)).toEqual([duplicate]);
    t.advance(quietMs);
    await runs(domain, 'B');
    expect(await conditionsOf(domain)).toEqual([]);
  });

  test('leave other conditions of the supervisor alone', async () => {
    const domain = newDomain();
    await runs(domain, 'A');
    const other = { type: 'OTHER', since: '2026-01-01T00:00:00Z', message: 'something else' };
    await t.db.prisma.supervisor.updateMany({ where: { domainId: domain.domainId }, data: { conditions: [other] } });
    await runs(domain, 'B', 'A');
    expect(await conditionsOf(domain)).toEqual([other, duplicate]);
    t.advance(quietMs);
    await runs(domain, 'A');
    expect(await conditionsOf(domain)).toEqual([other]);
  });
});

describe('S8: three and more agents of one hostname that take turns', () => {
  test('are noticed in any order, by their runs', async () => {
    for (const order of ['ABCA', 'ABCDEFGHIJA', 'ABCB', 'AABBCCA', 'ABCDB']) {
      const domain = newDomain();
      await runs(domain, ...order.slice(0, -1));
      expect(await conditionsOf(domain), order).toEqual([]);
      await runs(domain, ...order.slice(-1));
      expect(await conditionsOf(domain), order).toEqual([duplicate]);
    }
  });

  test('stay noticed by one event while they go on, and until they stop', async () => {
    const domain = newDomain();
    for (let times = 0; times < 12; times++) await runs(domain, 'A', 'B', 'C');
    expect(await conditionsOf(domain)).toEqual([duplicate]);
    t.advance(quietMs);
    await runs(domain, 'C');
    expect(await conditionsOf(domain)).toEqual([]);
    expect(await updatesOf(domain)).toHaveLength(2);
  });

  test('are noticed by their endpoints', async () => {
    const domain = newDomain();
    await at(domain, 'grpc://a:1', 'grpc://b:1', 'grpc://c:1');
    expect(await conditionsOf(domain)).toEqual([]);
    await at(domain, 'grpc://a:1');
    expect(await conditionsOf(domain)).toEqual([duplicate]);
  });

  test('are noticed by their endpoints where they share a boot id', async () => {
    for (const order of ['ababa', 'abcabca']) {
      const domain = newDomain();
      const report = async (names: string) => {
        for (const name of names) {
          t.advance(5_000);
          const plugins = [
            { pluginId: 'collector', version: '1.0', state: 'ACTIVE' as const, endpoint: `grpc://${name}:1` },
          ];
          await publish(t, domain, { hostname, bootId: 'image', plugins });
        }
      };
      await report(order.slice(0, -1));
      expect(await conditionsOf(domain), order).toEqual([]);
      await report(order.slice(-1));
      expect(await conditionsOf(domain), order).toEqual([duplicate]);
    }
  });

  test('are not noticed where a run, or an endpoint, comes back after longer than a lease', async () => {
    const domain = newDomain();
    await runs(domain, 'A', 'B');
    await at(domain, 'grpc://a:1', 'grpc://b:1');
    t.advance(301_000);
    await runs(domain, 'A');
    await at(domain, 'grpc://a:1');
    expect(await conditionsOf(domain)).toEqual([]);
  });
});

describe('S8: agents that name no run', () => {
  test('show by endpoints that take turns, once, until they stop', async () => {
    const domain = newDomain();
    await at(domain, 'grpc://a:1', 'grpc://b:1');
    expect(await conditionsOf(domain)).toEqual([]);
    await at(domain, 'grpc://a:1', 'grpc://b:1', 'grpc://a:1');
    expect(await conditionsOf(domain)).toEqual([duplicate]);
    expect(await updatesOf(domain)).toHaveLength(1);
    t.advance(quietMs);
    await publish(t, domain, { hostname });
    expect(await conditionsOf(domain)).toEqual([]);
    expect(await updatesOf(domain)).toHaveLength(2);
  });

  test('do not by an endpoint that goes and comes back, nor by ones that move on', async () => {
    const domain = newDomain();
    await at(domain, 'grpc://a:1', null, 'grpc://a:1', null, 'grpc://a:1');
    await at(domain, 'grpc://b:1', 'grpc://c:1', 'grpc://d:1', 'grpc://d:1');
    expect(await conditionsOf(domain)).toEqual([]);
  });

  test('P3: do not by a late report about an earlier generation', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await at(domain, 'grpc://a:1');
    const target = { supervisorId: supervisor.id, pluginId: 'collector', version: '1.0' };
    await recoverPlugin(t.core, domain.operator, target);
    await reportPlugin(t, domain, hostname, { endpoint: 'grpc://b:1', observedGeneration: 2 });
    await reportPlugin(t, domain, hostname, { endpoint: 'grpc://a:1', observedGeneration: 1 });
    expect(await conditionsOf(domain)).toEqual([]);
  });
});

test('S8: an agent that names its run may move its endpoint, and move it back', async () => {
  const domain = newDomain();
  for (const endpoint of ['grpc://a:1', 'grpc://b:1', 'grpc://a:1']) {
    const plugins = [{ pluginId: 'collector', version: '1.0', state: 'ACTIVE' as const, endpoint }];
    await publish(t, domain, { hostname, bootId: 'A', plugins });
  }
  expect(await conditionsOf(domain)).toEqual([]);
});

test('L2: a heartbeat with a boot id writes only the lease, of the same run, another one or one of two by turns', async () => {
  const domain = newDomain();
  await enabledSupervisor(t, domain, { hostname });
  await runs(domain, 'A', 'B', 'A');
  for (const bootId of ['A', 'B', 'A', 'C']) {
    const before = await rowPlaces(t);
    await publish(t, domain, { hostname, bootId });
    const after = await rowPlaces(t);
    expect({ ...after, leases: '' }).toEqual({ ...before, leases: '' });
    expect(after.leases?.split(' ').filter((place) => !before.leases?.includes(place))).toHaveLength(1);
  }
});
