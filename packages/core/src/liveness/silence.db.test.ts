import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  eventsOf,
  newDomain,
  pastLeaseMs,
  pluginIn,
  publish,
  refusalOf,
  rowPlaces,
  supervisorIn,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { createWatching, next, ofPlugin, ofSupervisor, take, takeSnapshot } from '../../testing/watching.ts';
import { fetchAssignments } from '../assignment/assignments.ts';
import type { SupervisorFilter } from '../query/filter.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { preregisterSupervisor } from '../supervisor/preregister.ts';
import { getSupervisor, listSupervisors } from '../supervisor/read.ts';
import { registerSupervisor } from '../supervisor/register.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { releaseHeldSupervisors } from '../sweep/hold.ts';
import { excuseDowntime, sweep } from '../sweep/sweep.ts';

const t = useTestCore({ settings: { holdMinimum: 2, holdShare: 0.5 } });
let watching: ReturnType<typeof createWatching>;
beforeAll(() => {
  watching = createWatching(t.core);
});
afterEach(() => watching.closeAll());

const hostname = 'host-1';

async function passLease(): Promise<void> {
  t.advance(pastLeaseMs);
  await sweep(t.core);
}

const typesOf = (conditions: unknown) => (conditions as { type: string }[]).map(({ type }) => type);

/** The state, the types of the conditions, and whether the agent is heard of. */
async function lookAt(domain: TestDomain, id: string): Promise<unknown[]> {
  const supervisor = await getSupervisor(t.core, domain.viewer, id);
  return [supervisor?.state, typesOf(supervisor?.conditions ?? []), supervisor?.connected];
}

async function found(domain: TestDomain, filter: SupervisorFilter): Promise<string[]> {
  const page = await listSupervisors(t.core, domain.viewer, { filter });
  return page.edges.map(({ node }) => node.hostname);
}

describe('L7: a supervisor that goes silent while DISABLED', () => {
  test('stays DISABLED, and its lease’s end is a condition and an event', async () => {
    const domain = newDomain();
    const id = await supervisorIn(t, domain, 'DISABLED', hostname);
    const { expiresAt } = await t.db.prisma.lease.findUniqueOrThrow({ where: { supervisorId: id } });
    await passLease();
    expect(await lookAt(domain, id)).toEqual(['DISABLED', ['LEASE_EXPIRED'], false]);
    const supervisor = await getSupervisor(t.core, domain.viewer, id);
    expect(supervisor?.conditions).toMatchObject([{ type: 'LEASE_EXPIRED', message: expect.any(String) }]);
    const since = (supervisor?.conditions as { since: string }[] | undefined)?.map((condition) => condition.since);
    expect(since?.map((time) => new Date(time))).toEqual([expiresAt]);
    expect((await eventsOf(t, domain)).at(-1)).toBe('SUPERVISOR_UPDATED LEASE_EXPIRED by muster');

    const before = await rowPlaces(t);
    await passLease();
    expect(await rowPlaces(t)).toEqual(before);
  });

  test.each(['a publish', 'a fetch of its list'])('is back with %s, which is an event too', async (sign) => {
    const domain = newDomain();
    const id = await supervisorIn(t, domain, 'DISABLED', hostname);
    await passLease();
    const heard = () =>
      sign === 'a publish' ? publish(t, domain, { hostname }) : fetchAssignments(t.core, domain.agent, { hostname });
    await heard();
    expect(await lookAt(domain, id)).toEqual(['DISABLED', [], true]);
    const events = await eventsOf(t, domain);
    expect(events.at(-1)).toBe('SUPERVISOR_UPDATED PUBLISHED by supervisor');
    await heard();
    expect(await eventsOf(t, domain)).toEqual(events);
  });

  test('and is enabled becomes DISCONNECTED, without the condition', async () => {
    const domain = newDomain();
    const id = await supervisorIn(t, domain, 'DISABLED', hostname);
    await passLease();
    await enableSupervisor(t.core, domain.operator, { supervisorId: id });
    expect(await lookAt(domain, id)).toEqual(['ENABLED', ['LEASE_EXPIRED'], false]);
    await sweep(t.core);
    expect(await lookAt(domain, id)).toEqual(['DISCONNECTED', [], false]);
  });
});

test('L7: a supervisor that is disabled while DISCONNECTED is still silent', async () => {
  const domain = newDomain();
  const id = await supervisorIn(t, domain, 'DISCONNECTED_REGISTERED', hostname);
  await disableSupervisor(t.core, domain.operator, { supervisorId: id });
  expect(await lookAt(domain, id)).toEqual(['DISABLED', ['LEASE_EXPIRED'], false]);
  const events = await eventsOf(t, domain);
  expect(events.at(-1)).toBe('SUPERVISOR_STATE_CHANGED DISCONNECTED>DISABLED DISABLED_BY_OPERATOR by operator');
  await sweep(t.core);
  expect(await eventsOf(t, domain)).toEqual(events);
  await publish(t, domain, { hostname });
  expect(await lookAt(domain, id)).toEqual(['DISABLED', [], true]);
});

test('L5, L7: downtime gives no lease to a supervisor that was known to be silent, however shortly before', async () => {
  const domain = newDomain();
  const { id: supervisorId } = await preregisterSupervisor(t.core, domain.operator, { hostname });
  await disableSupervisor(t.core, domain.operator, { supervisorId });
  await excuseDowntime(t.core);
  const expiresAt = new Date(Date.now() + t.core.clockOffsetMs() + 1_000);
  await t.db.prisma.lease.update({ where: { supervisorId }, data: { expiresAt } });
  t.advance(1_800_000);
  expect(await excuseDowntime(t.core)).toBeGreaterThan(0);
  expect(await t.db.prisma.lease.findUniqueOrThrow({ where: { supervisorId } })).toMatchObject({ expiresAt });
});

test('L6, L7: who is held goes silent by an event of its own, and is back, or gone, by another', async () => {
  const domain = newDomain();
  const ids = [await supervisorIn(t, domain, 'ENABLED', 'a'), await supervisorIn(t, domain, 'ENABLED', 'b')];
  const seen = (await eventsOf(t, domain)).length;
  await passLease();
  await sweep(t.core);
  for (const id of ids) expect(await lookAt(domain, id)).toEqual(['ENABLED', ['LEASE_EXPIRED'], false]);
  const heldEvent = 'SUPERVISOR_UPDATED LEASE_HELD by muster';
  expect((await eventsOf(t, domain)).slice(seen)).toEqual([heldEvent, heldEvent]);

  await publish(t, domain, { hostname: 'a' });
  expect(await lookAt(domain, ids[0] ?? '')).toEqual(['ENABLED', [], true]);
  await releaseHeldSupervisors(t.core, domain.operator, {});
  expect(await lookAt(domain, ids[1] ?? '')).toEqual(['DISCONNECTED', [], false]);
  expect((await eventsOf(t, domain)).slice(seen + 2)).toEqual([
    'SUPERVISOR_UPDATED PUBLISHED by supervisor',
    'SUPERVISOR_STATE_CHANGED ENABLED>DISCONNECTED LEASE_EXPIRED by operator',
  ]);
});

describe('L7: filters reach', () => {
  test('whether supervisors are heard of, and their conditions', async () => {
    const domain = newDomain();
    await supervisorIn(t, domain, 'DISCONNECTED_NEWCOMER', 'gone');
    await supervisorIn(t, domain, 'DISABLED', 'off');
    await passLease();
    await supervisorIn(t, domain, 'ENABLED', 'alive');
    expect(await found(domain, { connected: { eq: true } })).toEqual(['alive']);
    expect(await found(domain, { connected: { eq: false } })).toEqual(['gone', 'off']);
    expect(await found(domain, { conditions: { has: 'LEASE_EXPIRED' } })).toEqual(['off']);
    expect(await found(domain, { conditions: { hasSome: ['FLAPPING', 'LEASE_EXPIRED'] } })).toEqual(['off']);
    expect(await found(domain, { conditions: { hasSome: [] } })).toEqual([]);
    expect(await found(domain, { not: { conditions: { has: 'LEASE_EXPIRED' } } })).toEqual(['alive', 'gone']);
  });

  test('when supervisors were last heard of', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'early' });
    t.advance(60_000);
    const between = new Date(Date.now() + t.core.clockOffsetMs() - 30_000);
    await publish(t, domain, { hostname: 'late' });
    expect(await found(domain, { lastSeenAt: { lt: between } })).toEqual(['early']);
    expect(await found(domain, { lastSeenAt: { gte: between } })).toEqual(['late']);
    expect(await found(domain, { lastSeenAt: { isNull: true } })).toEqual([]);
  });

  test('cordons and drains', async () => {
    const domain = newDomain();
    const at = new Date();
    for (const [name, drain] of Object.entries({
      none: {},
      cordoned: { cordoned: true },
      draining: { cordoned: true, drainState: 'DRAINING', drainStartedAt: at, drainDeadlineAt: at },
      drained: { cordoned: true, drainState: 'DRAINED', drainStartedAt: at, drainDeadlineAt: at, drainEndedAt: at },
    } as const)) {
      const { supervisor } = await publish(t, domain, { hostname: name });
      await t.db.prisma.supervisor.update({ where: { id: supervisor.id }, data: drain });
    }
    expect(await found(domain, { cordoned: { eq: false } })).toEqual(['none']);
    expect(await found(domain, { drain: { eq: 'DRAINING' } })).toEqual(['draining']);
    expect(await found(domain, { drain: { in: ['DRAINING', 'DRAINED'] } })).toEqual(['drained', 'draining']);
    expect(await found(domain, { drain: { isNull: true } })).toEqual(['cordoned', 'none']);
    expect(await found(domain, { drain: { isNull: false } })).toEqual(['drained', 'draining']);
  });

  test('no condition of another domain’s public supervisor, but whether it is heard of (A6)', async () => {
    const [owner, guest] = [newDomain(), newDomain()];
    const { supervisor, plugin } = await pluginIn(t, owner, 'ACTIVE', hostname);
    await updateSupervisor(t.core, owner.admin, { supervisorId: supervisor.id, isPublic: true });
    await disableSupervisor(t.core, owner.operator, { supervisorId: supervisor.id });
    await passLease();
    const listed = async (filter: SupervisorFilter) =>
      (await listSupervisors(t.core, guest.viewer, { filter, includePublic: true })).edges.length;
    expect(await listed({ id: { eq: supervisor.id }, connected: { eq: false } })).toBe(1);
    expect(await listed({ id: { eq: supervisor.id }, conditions: { has: 'LEASE_EXPIRED' } })).toBe(0);

    await t.db.prisma.plugin.update({ where: { id: plugin.id }, data: { domainId: guest.domainId } });
    const carries = { supervisor: { conditions: { has: 'LEASE_EXPIRED' } } };
    const stream = await watching.watchPlugins(guest.viewer, { filter: { not: carries } });
    expect((await takeSnapshot(stream)).map(ofPlugin)).toEqual(['ADDED collector ACTIVE', 'SYNCED']);
    await t.db.prisma.plugin.update({ where: { id: plugin.id }, data: { message: 'still there' } });
    expect(ofPlugin(await next(stream))).toBe('MODIFIED collector ACTIVE');
  });
});

describe('L7: a watch of those that are silent', () => {
  test('is told when one goes silent, and when it comes back, whatever its state', async () => {
    const domain = newDomain();
    const ids: string[] = [];
    for (const name of ['newcomer', 'enabled', 'disabled']) {
      ids.push((await publish(t, domain, { hostname: name })).supervisor.id);
    }
    for (const supervisorId of ids.slice(1)) await registerSupervisor(t.core, domain.operator, { supervisorId });
    await disableSupervisor(t.core, domain.operator, { supervisorId: ids[2] });
    const stream = await watching.watchSupervisors(domain.viewer, { filter: { connected: { eq: false } } });
    expect((await takeSnapshot(stream)).map(ofSupervisor)).toEqual(['SYNCED']);
    await passLease();
    const silent = await take(stream, 3);
    expect(silent.map(ofSupervisor).sort()).toEqual(['ADDED disabled', 'ADDED enabled', 'ADDED newcomer']);
    expect(silent.map(({ row }) => row?.connected)).toEqual([false, false, false]);
    for (const [i, name] of ['newcomer', 'enabled', 'disabled'].entries()) {
      await publish(t, domain, { hostname: name });
      expect(await next(stream)).toMatchObject({ type: 'REMOVED', id: ids[i] });
    }
  });

  test('is told of their plugins, too', async () => {
    const domain = newDomain();
    await pluginIn(t, domain, 'ACTIVE', hostname);
    const filter = { supervisor: { connected: { eq: false } } };
    const stream = await watching.watchPlugins(domain.viewer, { filter });
    expect((await takeSnapshot(stream)).map(ofPlugin)).toEqual(['SYNCED']);
    await passLease();
    expect(ofPlugin(await next(stream))).toBe('ADDED collector ACTIVE');
    await publish(t, domain, { hostname });
    expect(ofPlugin(await next(stream))).toBe('REMOVED');
  });

  test('can’t ask when they were last heard of, which no event tells', async () => {
    const domain = newDomain();
    const lastSeenAt = { lt: new Date() };
    const refusals = [
      await refusalOf(() => watching.watchSupervisors(domain.viewer, { filter: { not: { lastSeenAt } } })),
      await refusalOf(() => watching.watchPlugins(domain.viewer, { filter: { supervisor: { lastSeenAt } } })),
    ];
    expect(refusals).toMatchObject([
      { code: 'BAD_USER_INPUT', details: { path: ['filter', 'not', 'lastSeenAt'] } },
      { code: 'BAD_USER_INPUT', details: { path: ['filter', 'supervisor', 'lastSeenAt'] } },
    ]);
  });
});
