import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tick } from '../../../testing/agent.ts';
import { identity, installedIn, wantedIn } from '../../../testing/placed.ts';
import {
  enabledSupervisor,
  eventsOf,
  newDomain,
  pastLeaseMs,
  publish,
  refusalOf,
  type TestDomain,
  useTestCore,
} from '../../../testing/testCore.ts';
import {
  cordonSupervisor,
  deregisterSupervisor,
  disableSupervisor,
  drainSupervisor,
  drainSupervisors,
  installPlugin,
  installPlugins,
  listLeftOn,
  readDrainItems,
  uncordonSupervisor,
  undrainSupervisor,
  undrainSupervisors,
  uninstallPlugin,
} from '../../index.ts';
import { sweep } from '../../sweep/sweep.ts';

const t = useTestCore();
let domain: TestDomain;

beforeEach(() => {
  domain = newDomain();
});
afterEach(async () => {
  // A sweep advances whatever is under way in any domain.
  await t.db.sql.query('DELETE FROM supervisors');
});

const enabled = (hostname: string) => enabledSupervisor(t, domain, { hostname });
const target = ({ id }: { id: string }) => ({ supervisorId: id });
/** The plugins that are left on a supervisor, each with the reason and its replacement. */
async function itemsOn({ id }: { id: string }) {
  const page = (await listLeftOn(t.core, domain.viewer, [id], {})).get(id);
  const plugins = page?.edges.map(({ node }) => node) ?? [];
  expect(await page?.totalCount()).toBe(plugins.length);
  const items = await readDrainItems(
    t.core,
    plugins.map((plugin) => plugin.id),
  );
  return plugins.map((plugin) => ({ plugin, ...items.get(plugin.id) }));
}

async function leftOn(supervisor: { id: string }): Promise<string[]> {
  return (await itemsOn(supervisor)).map(({ plugin, reason }) => `${plugin.pluginId} ${reason}`);
}

const stateOf = (id: string) => t.db.prisma.supervisor.findUniqueOrThrow({ where: { id } });

const wantedOf = () => wantedIn(t, domain);
const installedOn = (hostname: string) => installedIn(t, domain, hostname);

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
    expect(await itemsOn(a)).toMatchObject([
      { plugin: { supervisorId: a.id }, replacement: { state: 'PROVISIONING' }, reason: 'REPLACING' },
    ]);
    await sweep(t.core);
    await drainSupervisor(t.core, domain.operator, target(a));
    expect(await wantedOf()).toEqual({ a: 'ACTIVE', b: 'PROVISIONING' });
    await tick(t, domain, 'b');
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ b: 'ACTIVE' });
    await tick(t, domain, 'a');
    await sweep(t.core);
    expect(await t.db.prisma.plugin.count({ where: { supervisorId: a.id } })).toBe(0);
    expect(await stateOf(a.id)).toMatchObject({
      drainState: 'DRAINED',
      cordoned: true,
      drainEndedAt: expect.any(Date),
    });
    expect(await leftOn(a)).toEqual([]);
  });

  test('D1: is DRAINED only once no report of the agent has what was moved, and can be deregistered then', async () => {
    const a = await installedOn('a');
    await enabled('b');
    await drainSupervisor(t.core, domain.operator, target(a));
    await tick(t, domain, 'b');
    await sweep(t.core);
    expect(await stateOf(a.id)).toMatchObject({ drainState: 'DRAINING' });
    expect(await leftOn(a)).toEqual(['collector STOPPING']);
    await tick(t, domain, 'a');
    await sweep(t.core);
    expect(await stateOf(a.id)).toMatchObject({ drainState: 'DRAINED' });
    expect(await leftOn(a)).toEqual([]);
    await deregisterSupervisor(t.core, domain.operator, target(a));
  });

  test('D1: is DRAINED where the supervisor is DISCONNECTED; what its last report had is still told', async () => {
    const a = await installedOn('a');
    await drainSupervisor(t.core, domain.operator, { ...target(a), deadlineSeconds: 86_400 });
    t.advance(pastLeaseMs);
    await enabled('b');
    await sweep(t.core);
    expect(await stateOf(a.id)).toMatchObject({ state: 'DISCONNECTED', drainState: 'DRAINING' });
    await tick(t, domain, 'b');
    await sweep(t.core);
    expect(await stateOf(a.id)).toMatchObject({ drainState: 'DRAINED' });
    expect(await leftOn(a)).toEqual(['collector STOPPING']);
  });

  test('D1: tells of each plugin that is left why it is', async () => {
    const a = await installedOn('a');
    await installPlugin(t.core, domain.operator, { ...identity, pluginId: 'pinned', ...target(a) });
    await tick(t, domain, 'a');
    const reported = ['collector', 'pinned', 'own'].map((pluginId) => ({
      ...identity,
      pluginId,
      state: 'ACTIVE' as const,
    }));
    await publish(t, domain, { hostname: 'a', plugins: reported });
    await drainSupervisor(t.core, domain.operator, { ...target(a), deadlineSeconds: 60 });
    expect(await leftOn(a)).toEqual(['collector NO_SUPERVISOR', 'own UNMANAGED', 'pinned PINNED']);
    await enabled('b');
    await sweep(t.core);
    expect(await leftOn(a)).toEqual(['collector REPLACING', 'own UNMANAGED', 'pinned PINNED']);
    t.advance(61_000);
    await sweep(t.core);
    expect(await leftOn(a)).toEqual(['collector DEADLINE_EXCEEDED', 'own UNMANAGED', 'pinned PINNED']);
  });

  test('M6: moves no plugin that is pinned, and is DRAINED without it', async () => {
    const a = await enabled('a');
    await enabled('b');
    await installPlugin(t.core, domain.operator, { ...identity, ...target(a) });
    await tick(t, domain, 'a');
    await drainSupervisor(t.core, domain.operator, target(a));
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE' });
    expect(await leftOn(a)).toEqual(['collector PINNED']);
    expect(await stateOf(a.id)).toMatchObject({ drainState: 'DRAINED', cordoned: true });
  });

  test('D2: that is asked for again gets the new deadline, with an event; without one, it keeps its own', async () => {
    const a = await installedOn('a');
    const first = await drainSupervisor(t.core, domain.operator, { ...target(a), deadlineSeconds: 60 });
    const kept = await drainSupervisor(t.core, domain.operator, target(a));
    expect(kept.drainDeadlineAt).toEqual(first.drainDeadlineAt);
    const again = await drainSupervisor(t.core, domain.operator, { ...target(a), deadlineSeconds: 600 });
    expect(again.drainStartedAt).toEqual(first.drainStartedAt);
    const laterMs = Number(again.drainDeadlineAt) - Number(first.drainDeadlineAt);
    expect(laterMs).toBeGreaterThanOrEqual(540_000);
    expect((await eventsOf(t, domain)).at(-1)).toBe(
      'SUPERVISOR_UPDATED DRAIN_DEADLINE_CHANGED_BY_OPERATOR by operator',
    );
  });

  test('D2: that is undone leaves a cordon of before, or of meanwhile', async () => {
    const a = await enabled('a');
    await cordonSupervisor(t.core, domain.operator, target(a));
    await drainSupervisor(t.core, domain.operator, target(a));
    await drainSupervisor(t.core, domain.operator, target(a));
    const undrained = await undrainSupervisor(t.core, domain.operator, target(a));
    expect(undrained).toMatchObject({ cordoned: true, drainState: null });
    expect(await undrainSupervisor(t.core, domain.operator, target(a))).toMatchObject({ cordoned: true });
    await uncordonSupervisor(t.core, domain.operator, target(a));
    await drainSupervisor(t.core, domain.operator, target(a));
    await cordonSupervisor(t.core, domain.operator, target(a));
    expect(await undrainSupervisor(t.core, domain.operator, target(a))).toMatchObject({ cordoned: true });
  });

  test('D3: tries a replacement that failed on another supervisor, the failed ones last', async () => {
    const a = await installedOn('a');
    for (const hostname of ['b', 'c']) await enabled(hostname);
    await drainSupervisor(t.core, domain.operator, target(a));
    const [first = ''] = Object.keys(await wantedOf()).filter((hostname) => hostname !== 'a');
    const second = first === 'b' ? 'c' : 'b';
    await tick(t, domain, first, () => 'ERROR');
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE', [second]: 'PROVISIONING' });
    // Nobody is left on whom it did not fail: it is attempted again where it is.
    await tick(t, domain, first);
    await tick(t, domain, second, () => 'ERROR');
    await sweep(t.core);
    expect(Object.keys(await wantedOf()).sort()).toEqual(['a', second].sort());
    await enabled('d');
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ a: 'ACTIVE', d: 'PROVISIONING' });
    await tick(t, domain, 'd');
    await sweep(t.core);
    expect(await wantedOf()).toEqual({ d: 'ACTIVE' });
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
    expect(await itemsOn(a)).toHaveLength(1);
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
    await tick(t, domain, 'a');
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

describe('D4: several supervisors are drained by a filter', () => {
  const states = async () => {
    const found = await t.db.prisma.supervisor.findMany({ where: { domainId: domain.domainId } });
    return Object.fromEntries(found.map(({ hostname, drainState }) => [hostname, drainState]));
  };
  const progress = async () => {
    const counts = Map.groupBy(Object.values(await states()), (state) => state ?? 'NONE');
    return Object.fromEntries([...counts].map(([state, those]) => [state, those.length]));
  };

  test('all are cordoned at once, and as many are drained at a time as may be', async () => {
    for (const hostname of ['a', 'b', 'c']) await enabled(hostname);
    await installPlugins(t.core, domain.operator, { ...identity, all: true });
    for (const hostname of ['a', 'b', 'c']) await tick(t, domain, hostname);
    // They were installed there by name: this domain wants them moved all the same.
    await t.db.prisma.plugin.updateMany({ where: { domainId: domain.domainId }, data: { pinned: false } });
    for (const hostname of ['d', 'e', 'f']) await enabled(hostname);
    const filter = { hostname: { in: ['a', 'b', 'c'] } };
    const { items } = await drainSupervisors(t.core, domain.operator, { filter, maxParallel: 2, deadlineSeconds: 600 });
    expect(items.map(({ outcome }) => outcome)).toEqual(['CHANGED', 'CHANGED', 'CHANGED']);
    expect(await progress()).toEqual({ NONE: 3, QUEUED: 3 });
    expect(await t.db.prisma.supervisor.count({ where: { domainId: domain.domainId, cordoned: true } })).toBe(3);
    await Promise.all([sweep(t.core), sweep(t.core)]);
    expect(await progress()).toEqual({ NONE: 3, QUEUED: 1, DRAINING: 2 });
    for (let round = 0; round < 2; round++) {
      for (const hostname of ['d', 'e', 'f']) await tick(t, domain, hostname);
      await sweep(t.core);
      for (const hostname of ['a', 'b', 'c']) await tick(t, domain, hostname);
      await sweep(t.core);
    }
    expect(await progress()).toEqual({ NONE: 3, DRAINED: 3 });
    expect(await wantedOf()).toEqual({ d: 'ACTIVE', e: 'ACTIVE', f: 'ACTIVE' });
  });

  test('one that is undone or drained by itself leaves its turn to the next', async () => {
    const [a, b] = [await enabled('a'), await enabled('b')];
    const { items } = await drainSupervisors(t.core, domain.operator, { all: true });
    expect(items).toHaveLength(2);
    await undrainSupervisor(t.core, domain.operator, target(a));
    expect(await stateOf(a.id)).toMatchObject({ drainState: null, cordoned: false });
    expect(await refusalOf(uncordonSupervisor(t.core, domain.operator, target(b)))).toMatchObject({
      code: 'SUPERVISOR_STATE',
    });
    expect(await drainSupervisor(t.core, domain.operator, target(b))).toMatchObject({ drainState: 'DRAINED' });
    expect(
      (await undrainSupervisors(t.core, domain.operator, { all: true })).items.map(({ outcome }) => outcome).sort(),
    ).toEqual(['CHANGED', 'UNCHANGED']);
  });
});
