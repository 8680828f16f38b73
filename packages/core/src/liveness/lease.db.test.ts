import { testDatabaseKind } from '@muster/db/testing';
import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  openReplica,
  pastDeadlineMs,
  pastLeaseMs,
  pluginIn,
  publish,
  rowPlaces,
  supervisorIn,
  useTestCore,
} from '../../testing/testCore.ts';
import { listEvents } from '../event/read.ts';
import { openCore } from '../openCore.ts';
import { listPlugins } from '../plugin/read.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { getSupervisor, listSupervisors } from '../supervisor/read.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { sweep } from '../sweep/sweep.ts';

// Whole domains expire together here, which L6 would hold: hold.db.test.ts tests that.
const t = useTestCore({ random: () => 0.25, settings: { holdMinimum: 1_000_000 } });

const hostname = 'host-1';
const leaseOf = (supervisorId: string) => t.db.prisma.lease.findUniqueOrThrow({ where: { supervisorId } });

test('L1: nothing but publish renews a lease', async () => {
  const domain = newDomain();
  const supervisor = await enabledSupervisor(t, domain, { hostname });
  const target = { supervisorId: supervisor.id };
  const plugin = await insertManagedPlugin(t, supervisor);
  const before = await leaseOf(supervisor.id);
  t.advance(1_000);
  await updateSupervisor(t.core, domain.operator, { ...target, name: 'mine' });
  await recoverPlugin(t.core, domain.operator, { ...target, pluginId: plugin.pluginId, version: plugin.version });
  await disableSupervisor(t.core, domain.operator, target);
  await enableSupervisor(t.core, domain.operator, target);
  await getSupervisor(t.core, domain.viewer, supervisor.id);
  await listSupervisors(t.core, domain.viewer, {});
  await listPlugins(t.core, domain.viewer, {});
  await listEvents(t.core, domain.viewer, {});
  await sweep(t.core);
  expect(await leaseOf(supervisor.id)).toEqual(before);
  await publish(t, domain, { hostname });
  const after = await leaseOf(supervisor.id);
  expect(Number(after.expiresAt)).toBeGreaterThanOrEqual(Number(before.expiresAt) + 1_000);
  expect(Number(after.expiresAt) - Number(after.lastSeenAt)).toBe(300_000);
});

test.each(['PENDING', 'ENABLED', 'DISABLED'] as const)(
  'L2: a heartbeat of a supervisor that is %s writes only the lease',
  async (situation) => {
    const domain = newDomain();
    await supervisorIn(t, domain, situation, hostname);
    const before = await rowPlaces(t);
    await publish(t, domain, { hostname });
    const after = await rowPlaces(t);
    expect({ ...after, leases: '' }).toEqual({ ...before, leases: '' });
    const written = after.leases?.split(' ').filter((place) => !before.leases?.includes(place));
    expect(written).toHaveLength(1);
  },
);

test('L2: a heartbeat of a registered supervisor that proposes other fields writes only the lease', async () => {
  const domain = newDomain();
  await enabledSupervisor(t, domain, { hostname });
  const before = await rowPlaces(t);
  await publish(t, domain, { hostname, name: 'other', labels: { a: 1 }, tags: { b: 2 } });
  expect({ ...(await rowPlaces(t)), leases: '' }).toEqual({ ...before, leases: '' });
});

test('L3: publish says when to come next: the interval, fully jittered', async () => {
  const domain = newDomain();
  expect((await publish(t, domain, { hostname })).nextPublishInMs).toBe(2_500);
});

test('L3: the fleet is counted at most once in ten seconds, and its size stretches interval and lease', async () => {
  const domain = newDomain();
  const { core, close } = await openReplica(t.db, {
    settings: { publishesPerSecond: 0.01 },
    clockOffsetMs: t.core.clockOffsetMs,
    random: () => 1 - Number.EPSILON,
  });
  try {
    await publish(t, domain, { hostname });
    const fleet = await core.liveSupervisors.count();
    const { supervisor, nextPublishInMs } = await publish({ ...t, core }, domain, { hostname });
    expect(nextPublishInMs).toBe(fleet * 200_000);
    const { expiresAt, lastSeenAt } = await leaseOf(supervisor.id);
    expect(Number(expiresAt) - Number(lastSeenAt)).toBe(3 * fleet * 200_000);
    await publish(t, domain, { hostname: 'host-2' });
    expect(await core.liveSupervisors.count()).toBe(fleet);
  } finally {
    await close();
  }
});

test('a lease that has not run out disconnects nobody', async () => {
  const domain = newDomain();
  const id = await supervisorIn(t, domain, 'ENABLED', hostname);
  t.advance(pastLeaseMs - 10_000);
  await sweep(t.core);
  expect(await getSupervisor(t.core, domain.viewer, id)).toMatchObject({ state: 'ENABLED', connected: true });
});

test('L4: sweeps at once change each row once', async () => {
  const domain = newDomain();
  // The rows of earlier tests are swept first, so that the numbers below are of this test.
  t.advance(pastDeadlineMs);
  await sweep(t.core);
  for (let i = 0; i < 20; i++) await publish(t, domain, { hostname: `host-${i}` });
  const { plugin } = await pluginIn(t, domain, 'PROVISIONING', 'host-with-plugin');
  t.advance(pastDeadlineMs);
  const swept = await Promise.all(Array.from({ length: 4 }, () => sweep(t.core)));
  const events = await eventsOf(t, domain);
  expect(events.filter((event) => event.includes('LEASE_EXPIRED'))).toHaveLength(21);
  expect(events.filter((event) => event.includes('DEADLINE_EXCEEDED'))).toHaveLength(1);
  expect(swept.flatMap(({ disconnected }) => disconnected).length).toBe(21);
  expect(swept.flatMap(({ overdue }) => overdue).length).toBe(1);
  expect(await t.db.prisma.plugin.findUniqueOrThrow({ where: { id: plugin.id } })).toMatchObject({ state: 'ERROR' });
  expect(await sweep(t.core)).toEqual({ disconnected: [], held: [], overdue: [], retried: [], forgotten: [] });
});

describe.runIf(testDatabaseKind() === 'postgresql')(
  'L4: a sweep beside another transaction (PGlite has one connection, so never one beside it)',
  () => {
    test('leaves alone whose lease is being renewed, and waits for nobody', async () => {
      const domain = newDomain();
      const id = await supervisorIn(t, domain, 'ENABLED', hostname);
      t.advance(pastLeaseMs);
      await t.db.transaction(async (sql) => {
        await sql.query('SELECT FROM leases WHERE supervisor_id = $1 FOR UPDATE', [id]);
        await sweep(t.core);
        expect(await getSupervisor(t.core, domain.viewer, id)).toMatchObject({ state: 'ENABLED' });
      });
      await sweep(t.core);
      expect(await getSupervisor(t.core, domain.viewer, id)).toMatchObject({ state: 'DISCONNECTED' });
    });

    test('leaves alone a plugin whose report is under way', async () => {
      const domain = newDomain();
      const { plugin } = await pluginIn(t, domain, 'PROVISIONING', hostname);
      t.advance(pastDeadlineMs);
      await t.db.transaction(async (sql) => {
        await sql.query(`UPDATE plugins SET state = 'ACTIVE', deadline_at = NULL WHERE id = $1`, [plugin.id]);
        await sweep(t.core);
      });
      await sweep(t.core);
      expect(await t.db.prisma.plugin.findUniqueOrThrow({ where: { id: plugin.id } })).toMatchObject({
        state: 'ACTIVE',
      });
    });

    test('agrees with publishes that race it: who has a lease is connected after the next publish at the latest', async () => {
      const domain = newDomain();
      const hostnames = Array.from({ length: 10 }, (_, i) => `host-${i}`);
      await Promise.all(hostnames.map((name) => enabledSupervisor(t, domain, { hostname: name })));
      for (let round = 0; round < 5; round++) {
        t.advance(pastLeaseMs);
        await Promise.all([sweep(t.core), ...hostnames.map((name) => publish(t, domain, { hostname: name }))]);
        await Promise.all(hostnames.map((name) => publish(t, domain, { hostname: name })));
        const page = await listSupervisors(t.core, domain.viewer, { filter: { state: { ne: 'ENABLED' } } });
        expect(page.edges).toEqual([]);
      }
    });
  },
);

test('the sweeps run on their own where they are not turned off, and stop with the core', async () => {
  const domain = newDomain();
  const id = await supervisorIn(t, domain, 'ENABLED', hostname);
  t.advance(pastLeaseMs);
  // The control plane was there all the while; L5 would excuse the time otherwise.
  await t.db.prisma.controlPlane.updateMany({ data: { lastSweepAt: new Date(Date.now() + t.core.clockOffsetMs()) } });
  const warnings: string[] = [];
  const { core, close } = await openCore(t.db, {
    settings: { sweepIntervalMs: 5 },
    clockOffsetMs: t.core.clockOffsetMs,
    onWarning: (message) => warnings.push(message),
  });
  const { promise: swept, resolve } = Promise.withResolvers<void>();
  core.hub.tail.onChanges((changes) => {
    if (changes.some((change) => change.entity === 'supervisor' && change.supervisor.id === id)) resolve();
  });
  await swept;
  await close();
  expect(await getSupervisor(t.core, domain.viewer, id)).toMatchObject({ state: 'DISCONNECTED' });
  expect(warnings).toEqual([]);
});
