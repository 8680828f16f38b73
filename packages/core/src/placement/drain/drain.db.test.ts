import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tick } from '../../../testing/agent.ts';
import {
  enabledSupervisor,
  eventsOf,
  newDomain,
  openTestCore,
  pastLeaseMs,
  refusalOf,
  type TestCore,
  type TestDomain,
  useTestCore,
} from '../../../testing/testCore.ts';
import {
  cordonSupervisor,
  deregisterSupervisor,
  disableSupervisor,
  drainSupervisor,
  getDrainProgress,
  installPlugin,
  uncordonSupervisor,
  undrainSupervisor,
  uninstallPlugin,
} from '../../index.ts';
import { sweep } from '../../sweep/sweep.ts';

const t = useTestCore();
let replacing: TestCore;
let domain: TestDomain;

beforeAll(async () => {
  replacing = await openTestCore({ settings: { replaceAfterSeconds: 600 } });
});
afterAll(async () => {
  await replacing.close();
});
beforeEach(() => {
  domain = newDomain();
});
afterEach(async () => {
  // A sweep advances whatever is under way in any domain.
  for (const each of [t, replacing]) await each.db.sql.query('DELETE FROM supervisors');
});

const identity = { pluginId: 'collector', version: '1.0' };
const enabled = (hostname: string, test = t) => enabledSupervisor(test, domain, { hostname });
const target = ({ id }: { id: string }) => ({ supervisorId: id });
const stateOf = (id: string) => t.db.prisma.supervisor.findUniqueOrThrow({ where: { id } });

/** Where the domain wants the plugin, and what it has come to there, by hostname. */
async function wantedOf(test = t): Promise<Record<string, string>> {
  const plugins = await test.db.prisma.plugin.findMany({
    where: { domainId: domain.domainId, wanted: true },
    include: { supervisor: true },
  });
  return Object.fromEntries(plugins.map(({ supervisor, state }) => [supervisor.hostname, state]));
}

/** A plugin that is ACTIVE on the first of these supervisors. */
async function installedOn(hostname: string, test = t) {
  const supervisor = await enabled(hostname, test);
  await installPlugin(test.core, domain.operator, { ...identity, supervisorId: supervisor.id });
  await tick(test, domain, hostname);
  return supervisor;
}

describe('a cordon', () => {
  test('keeps what is new away and what is there where it is; it is undone by uncordon; both are idempotent', async () => {
    const a = await installedOn('a');
    expect(await cordonSupervisor(t.core, domain.operator, target(a))).toMatchObject({ cordoned: true });
    const events = await eventsOf(t, domain);
    expect(events.at(-1)).toBe('SUPERVISOR_UPDATED CORDONED_BY_OPERATOR by operator');
    await cordonSupervisor(t.core, domain.operator, target(a));
    expect(await eventsOf(t, domain)).toEqual(events);
    const other = { pluginId: 'other', version: '1.0' };
    expect(await refusalOf(installPlugin(t.core, domain.operator, other))).toMatchObject({
      code: 'NO_POSSIBLE_SUPERVISOR',
    });
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE' });
    expect(await uncordonSupervisor(t.core, domain.operator, target(a))).toMatchObject({ cordoned: false });
    expect((await installPlugin(t.core, domain.operator, other)).plugin.supervisorId).toBe(a.id);
  });

  test('is not lifted by uncordon while a drain is under way (SUPERVISOR_STATE)', async () => {
    const a = await installedOn('a');
    await drainSupervisor(t.core, domain.operator, target(a));
    expect(await refusalOf(uncordonSupervisor(t.core, domain.operator, target(a)))).toMatchObject({
      code: 'SUPERVISOR_STATE',
    });
  });
});

describe('a drain', () => {
  test('moves managed plugins; each stays until the one that takes its place is ACTIVE', async () => {
    const a = await installedOn('a');
    await enabled('b');
    const draining = await drainSupervisor(t.core, domain.operator, target(a));
    expect(draining).toMatchObject({ cordoned: true, drainState: 'DRAINING', drainDeadlineAt: expect.any(Date) });
    expect(await wantedOf()).toEqual({ a: 'ACTIVE', b: 'PROVISIONING' });
    const left = (await getDrainProgress(t.core, domain.viewer, [a.id])).get(a.id);
    expect(left).toMatchObject([{ plugin: { supervisorId: a.id }, replacement: { state: 'PROVISIONING' } }]);
    await sweep(t.core);
    await drainSupervisor(t.core, domain.operator, target(a));
    expect(await wantedOf()).toEqual({ a: 'ACTIVE', b: 'PROVISIONING' });
    await tick(t, domain, 'b');
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ b: 'ACTIVE' });
    expect(await stateOf(a.id)).toMatchObject({
      drainState: 'DRAINED',
      cordoned: true,
      drainEndedAt: expect.any(Date),
    });
    expect((await getDrainProgress(t.core, domain.viewer, [a.id])).get(a.id)).toEqual([]);
    await tick(t, domain, 'a');
    expect(await t.db.prisma.plugin.count({ where: { supervisorId: a.id } })).toBe(0);
  });

  test('waits for somebody who can take what is left, and begins anew what can no longer come up where it was put', async () => {
    const a = await installedOn('a');
    await drainSupervisor(t.core, domain.operator, target(a));
    expect(await wantedOf()).toEqual({ a: 'ACTIVE' });
    const b = await enabled('b');
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE', b: 'PROVISIONING' });
    await enabled('c');
    await disableSupervisor(t.core, domain.operator, target(b));
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE', c: 'PROVISIONING' });
  });

  test('whose deadline passes stops with what is left, which stays where it is', async () => {
    const a = await installedOn('a');
    await enabled('b');
    await drainSupervisor(t.core, domain.operator, { ...target(a), deadlineSeconds: 60 });
    t.advance(61_000);
    await tick(t, domain, 'a');
    await sweep(t.core);
    expect(await stateOf(a.id)).toMatchObject({ drainState: 'EXPIRED', cordoned: true });
    expect(await wantedOf()).toEqual({ a: 'ACTIVE' });
    expect((await getDrainProgress(t.core, domain.viewer, [a.id])).get(a.id)).toHaveLength(1);
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE' });
  });

  test('that is undone leaves what was not moved yet, and lets plugins be placed there again', async () => {
    const a = await installedOn('a');
    await enabled('b');
    await drainSupervisor(t.core, domain.operator, target(a));
    const undrained = await undrainSupervisor(t.core, domain.operator, target(a));
    expect(undrained).toMatchObject({ cordoned: false, drainState: null, drainEndedAt: null });
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE' });
    await tick(t, domain, 'b');
    expect(await t.db.prisma.plugin.count({ where: { domainId: domain.domainId } })).toBe(1);
    expect(await undrainSupervisor(t.core, domain.operator, target(a))).toMatchObject({ cordoned: false });
  });

  test('has nothing take the place of what is uninstalled meanwhile', async () => {
    const a = await installedOn('a');
    await enabled('b');
    await drainSupervisor(t.core, domain.operator, target(a));
    await uninstallPlugin(t.core, domain.operator, { ...identity, ...target(a) });
    await sweep(t.core);
    expect(await wantedOf()).toEqual({});
    expect(await stateOf(a.id)).toMatchObject({ drainState: 'DRAINED' });
  });

  test('moves what is moved once more where the next supervisor is drained too, and never twice', async () => {
    const a = await installedOn('a');
    const b = await enabled('b');
    await drainSupervisor(t.core, domain.operator, target(a));
    await enabled('c');
    await drainSupervisor(t.core, domain.operator, target(b));
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE', c: 'PROVISIONING' });
    await tick(t, domain, 'c');
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ c: 'ACTIVE' });
  });

  test('is safe in two places at once', async () => {
    const a = await installedOn('a');
    for (const hostname of ['b', 'c']) await enabled(hostname);
    await drainSupervisor(t.core, domain.operator, target(a));
    await Promise.all([sweep(t.core), sweep(t.core), drainSupervisor(t.core, domain.operator, target(a))]);
    expect(Object.values(await wantedOf()).sort()).toEqual(['ACTIVE', 'PROVISIONING']);
  });
});

describe('re-placement', () => {
  const disconnect = async (test: TestCore) => {
    test.advance(pastLeaseMs);
    await sweep(test.core);
  };

  test('is off by default', async () => {
    await installedOn('a');
    await enabled('b');
    await disconnect(t);
    t.advance(30 * 86_400_000);
    await tick(t, domain, 'b');
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE' });
  });

  test('places what is on a supervisor elsewhere that is DISCONNECTED for too long; when it comes back, the newer stays and the old one goes once that is ACTIVE', async () => {
    await installedOn('a', replacing);
    await enabled('b', replacing);
    await disconnect(replacing);
    await tick(replacing, domain, 'b');
    await sweep(replacing.core);
    expect(await wantedOf(replacing)).toEqual({ a: 'ACTIVE' });
    replacing.advance(600_000);
    await tick(replacing, domain, 'b');
    await sweep(replacing.core);
    expect(await wantedOf(replacing)).toEqual({ a: 'ACTIVE', b: 'PROVISIONING' });
    await tick(replacing, domain, 'a');
    await sweep(replacing.core);
    expect(await wantedOf(replacing)).toEqual({ a: 'ACTIVE', b: 'PROVISIONING' });
    await tick(replacing, domain, 'b');
    await sweep(replacing.core);
    expect(await wantedOf(replacing)).toEqual({ b: 'ACTIVE' });
    await tick(replacing, domain, 'a');
    expect(await replacing.db.prisma.plugin.count({ where: { domainId: domain.domainId } })).toBe(1);
  });

  test('leaves what takes a place, when the supervisor is forgotten', async () => {
    const a = await installedOn('a', replacing);
    await enabled('b', replacing);
    await disconnect(replacing);
    replacing.advance(600_000);
    await tick(replacing, domain, 'b');
    await sweep(replacing.core);
    await deregisterSupervisor(replacing.core, domain.operator, { ...target(a), force: true });
    await sweep(replacing.core);
    expect(await wantedOf(replacing)).toEqual({ b: 'PROVISIONING' });
  });
});
