import type { Supervisor } from '@muster/db';
import { testSeed } from '@muster/db/testing/seed';
import { beforeAll, describe, expect, test } from 'vitest';
import { nearInTest } from '../../testing/near.ts';
import {
  createRandom,
  enabledSupervisor,
  eventsOf,
  newDomain,
  openReplica,
  pluginIn,
  publish,
  reportPlugin,
  supervisorIn,
  useTestCore,
} from '../../testing/testCore.ts';
import { jittered } from '../liveness/pacing.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { excuseDowntime, startSweeps, sweep } from './sweep.ts';

const expectNear = nearInTest();

// A long interval, so that few sweeps make a while.
const t = useTestCore({ settings: { holdMinimum: 1_000_000, sweepIntervalMs: 60_000 } });
beforeAll(async () => {
  // The database was made before this test began.
  await excuseDowntime(t.core);
});

const hostname = 'host-1';
const pauseMs = 1_800_000;

const leaseEnd = async (supervisorId: string) =>
  Number((await t.db.prisma.lease.findUniqueOrThrow({ where: { supervisorId } })).expiresAt);
const pluginOf = (id: string) => t.db.prisma.plugin.findUniqueOrThrow({ where: { id } });
const deadline = async (id: string) => Number((await pluginOf(id)).deadlineAt);
const stateOf = async ({ id }: Pick<Supervisor, 'id'>) =>
  (await t.db.prisma.supervisor.findUniqueOrThrow({ where: { id } })).state;
const now = () => Date.now() + t.core.clockOffsetMs();

/** Time passes in which a replica is there all the while. */
async function passWatched(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 120_000) {
    t.advance(Math.min(left, 120_000));
    expect(await excuseDowntime(t.core)).toBe(0);
  }
}

/** Time passes without anybody who sweeps. */
async function pass(ms: number): Promise<void> {
  await excuseDowntime(t.core);
  t.advance(ms);
}

describe('L5: after half an hour in which nobody swept', () => {
  test('nobody is DISCONNECTED, and what was running has the half hour on top', async () => {
    const domain = newDomain();
    const [pending, enabled] = [newDomain(), newDomain()];
    const newcomer = await supervisorIn(t, pending, 'PENDING', hostname);
    const registered = await enabledSupervisor(t, enabled, { hostname });
    const { supervisor, plugin } = await pluginIn(t, domain, 'PROVISIONING', hostname);
    const before = [await leaseEnd(supervisor.id), await deadline(plugin.id)] as const;
    const events = await eventsOf(t, domain);
    await pass(pauseMs);
    const excusedMs = await excuseDowntime(t.core);
    expectNear(excusedMs, pauseMs);
    expect(await sweep(t.core)).toMatchObject({ disconnected: [], overdue: [] });
    expectNear((await leaseEnd(supervisor.id)) - before[0], excusedMs);
    expectNear((await deadline(plugin.id)) - before[1], excusedMs);
    expect(await stateOf(registered)).toBe('ENABLED');
    expect(await stateOf({ id: newcomer })).toBe('PENDING');
    expect(await eventsOf(t, domain)).toEqual(events);
    expect(await pluginOf(plugin.id)).toMatchObject({ updatedAt: plugin.updatedAt, state: 'PROVISIONING' });
  });

  test('who does not come back within the rest of its lease is DISCONNECTED then', async () => {
    const domain = newDomain();
    const { supervisor, plugin } = await pluginIn(t, domain, 'PROVISIONING', hostname);
    await pass(pauseMs);
    await excuseDowntime(t.core);
    await passWatched(240_000);
    await sweep(t.core);
    expect(await stateOf(supervisor)).toBe('ENABLED');
    await passWatched(100_000);
    await sweep(t.core);
    expect(await stateOf(supervisor)).toBe('DISCONNECTED');
    expect(await pluginOf(plugin.id)).toMatchObject({ state: 'PROVISIONING' });
    await passWatched(300_000);
    await sweep(t.core);
    expect(await pluginOf(plugin.id)).toMatchObject({ state: 'ERROR', reason: 'DEADLINE_EXCEEDED' });
  });

  test('what had run out before is not excused', async () => {
    const domain = newDomain();
    const { supervisor, plugin } = await pluginIn(t, domain, 'PROVISIONING', hostname);
    await passWatched(601_000);
    const before = [await leaseEnd(supervisor.id), await deadline(plugin.id)];
    await pass(pauseMs);
    expectNear(await excuseDowntime(t.core), pauseMs);
    expect([await leaseEnd(supervisor.id), await deadline(plugin.id)]).toEqual(before);
    const { disconnected, overdue } = await sweep(t.core);
    expect(disconnected).toContain(supervisor.id);
    expect(overdue).toContain(plugin.id);
  });

  test('who published or was recovered before the first sweep gets no half hour that it never lost', async () => {
    const domain = newDomain();
    const { supervisor, plugin } = await pluginIn(t, domain, 'ACTIVE', hostname);
    await pass(pauseMs);
    const { pluginId, version } = plugin;
    await reportPlugin(t, domain, hostname, { state: 'ACTIVE' });
    await recoverPlugin(t.core, domain.operator, { supervisorId: supervisor.id, pluginId, version });
    t.advance(50_000);
    expectNear(await excuseDowntime(t.core), pauseMs + 50_000);
    expectNear(await leaseEnd(supervisor.id), now() + 300_000);
    expectNear(await deadline(plugin.id), now() + 600_000);
  });

  test('replicas that come back together excuse it once', async () => {
    const domain = newDomain();
    const { supervisor, plugin } = await pluginIn(t, domain, 'PROVISIONING', hostname);
    const before = [await leaseEnd(supervisor.id), await deadline(plugin.id)] as const;
    await pass(pauseMs);
    const excused = await Promise.all(Array.from({ length: 5 }, () => excuseDowntime(t.core)));
    expect(excused.filter((ms) => ms > 0)).toHaveLength(1);
    expectNear((await leaseEnd(supervisor.id)) - before[0], pauseMs);
    expectNear((await deadline(plugin.id)) - before[1], pauseMs);
    expect(await excuseDowntime(t.core)).toBe(0);
  });
});

test('L5: a pause is excused from three sweep intervals on', async () => {
  const domain = newDomain();
  const { supervisor, plugin } = await pluginIn(t, domain, 'PROVISIONING', hostname);
  const ends = async () => [await leaseEnd(supervisor.id), await deadline(plugin.id)];
  const before = await ends();
  await pass(2 * t.core.settings.sweepIntervalMs);
  expect(await excuseDowntime(t.core)).toBe(0);
  expect(await ends()).toEqual(before);
  await pass(3 * t.core.settings.sweepIntervalMs + 1);
  expect(await excuseDowntime(t.core)).toBeGreaterThan(3 * t.core.settings.sweepIntervalMs);
  expect(await ends()).not.toEqual(before);
});

test('L5: time in which a sweep lasts is no downtime', async () => {
  const begun = Promise.withResolvers<void>();
  const lasting = Promise.withResolvers<void>();
  const swept: number[] = [];
  const flush = () => {
    begun.resolve();
    return lasting.promise;
  };
  const stop = startSweeps({
    ...t.core,
    settings: { ...t.core.settings, sweepIntervalMs: 10 },
    refusedIdentities: Object.assign(Object.create(t.core.refusedIdentities), { flush }),
    onSwept: ({ excusedMs }) => swept.push(excusedMs),
  });
  await begun.promise;
  const lastSign = async () => Number((await t.db.prisma.controlPlane.findFirstOrThrow()).lastSweepAt);
  const before = await lastSign();
  await expect.poll(lastSign).toBeGreaterThan(before);
  expect(swept).toEqual([]);
  lasting.resolve();
  await expect.poll(() => swept.length).toBeGreaterThan(0);
  await stop();
});

describe('L5: a fleet of thousands after half an hour', () => {
  const count = 4_000;

  test('is all connected, none of its plugins has changed, and it comes back spread over the interval', async () => {
    const domain = newDomain();
    // Earlier tests' supervisors would show in the numbers below.
    await t.db.sql.query('DELETE FROM supervisors');
    const at = new Date(now());
    await t.db.sql.query(
      `WITH made AS (
         INSERT INTO supervisors (id, domain_id, hostname, name, state, registered_at)
         SELECT 'supervisor-' || lpad(to_hex(i), 12, '0'), $1, 'host-' || i, 'host-' || i, 'ENABLED', $2::timestamptz
         FROM generate_series(1, $3::int) AS i RETURNING id),
       leased AS (
         INSERT INTO leases (supervisor_id, expires_at, last_seen_at)
         SELECT id, $2::timestamptz + interval '300 s', $2::timestamptz FROM made)
       INSERT INTO plugins (id, supervisor_id, domain_id, plugin_id, version, state, deadline_at)
       SELECT 'instance-' || lpad(substr(id, 12), 16, '0'), id, $1, 'collector', '1.0',
         CASE WHEN right(id, 1) = '0' THEN 'PROVISIONING' ELSE 'ACTIVE' END::plugin_state,
         CASE WHEN right(id, 1) = '0' THEN $2::timestamptz + interval '600 s' END
       FROM made`,
      [domain.domainId, at, count],
    );
    const plugins = () =>
      t.db.sql.query(`SELECT id, to_jsonb(p) - 'deadline_at' AS row FROM plugins p WHERE domain_id = $1 ORDER BY id`, [
        domain.domainId,
      ]);
    const before = await plugins();
    const events = await t.db.prisma.event.count();
    await pass(pauseMs);

    // The fleet publishes 4,000 times in half of 16 s. It counts before the first sweep too.
    const intervalMs = (2 * count * 1_000) / t.core.settings.publishesPerSecond;
    const random = createRandom(7).next;
    const replica = await openReplica(t.db, { clockOffsetMs: t.core.clockOffsetMs, random });
    try {
      const told: number[] = [];
      const comeBack = (from: number, to: number) =>
        Promise.all(
          Array.from({ length: to - from }, async (_, i) => {
            const { nextPublishInMs } = await publish({ ...t, core: replica.core }, domain, {
              hostname: `host-${from + i}`,
            });
            told.push(nextPublishInMs);
          }),
        );
      await comeBack(1, 201);
      expectNear(await excuseDowntime(t.core), pauseMs);
      expect(await sweep(t.core)).toEqual({ disconnected: [], held: [], overdue: [], retried: [], forgotten: [] });
      await comeBack(201, 401);
      expect(await replica.core.liveSupervisors.count()).toBe(count);
      expect(Math.max(...told)).toBeLessThanOrEqual(intervalMs);
      expect(decilesOf(told, intervalMs).every((share) => share > 0)).toBe(true);
    } finally {
      await replica.close();
    }
    expect(await plugins()).toEqual(before);
    expect(await t.db.prisma.event.count()).toBe(events);
    expect(await t.db.prisma.supervisor.count({ where: { state: { not: 'ENABLED' } } })).toBe(0);
  });
});

test('L3: full jitter uses every tenth of the interval alike', () => {
  const random = createRandom(testSeed()).next;
  const waits = Array.from({ length: 20_000 }, () => jittered(10_000, random));
  for (const share of decilesOf(waits, 10_000)) {
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  }
});

/** The share of waits in each tenth of the interval. */
function decilesOf(waits: number[], intervalMs: number): number[] {
  return Array.from({ length: 10 }, (_, tenth) => {
    const within = waits.filter((wait) => Math.ceil((wait * 10) / intervalMs) - 1 === tenth);
    return within.length / waits.length;
  });
}
