import { beforeEach, describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  everythingOf,
  insertManagedPlugin,
  newDomain,
  pastLeaseMs,
  publish,
  refusalOf,
  supervisorIn,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import type { Core } from '../core.ts';
import {
  cordonSupervisors,
  disableSupervisor,
  disableSupervisors,
  drainSupervisor,
  drainSupervisors,
  enableSupervisors,
  installPlugin,
  installPlugins,
  recoverPlugins,
  uncordonSupervisors,
  undrainSupervisors,
  uninstallPlugins,
  type Viewer,
} from '../index.ts';
import { sweep } from '../sweep/sweep.ts';
import type { BulkInput, BulkResult } from './runBulk.ts';

const t = useTestCore({ settings: { quotas: { plugins: 3 }, limits: { bulkItems: 3 } } });
const identity = { pluginId: 'collector', version: '1.0' };
let domain: TestDomain;

beforeEach(() => {
  domain = newDomain();
});

const enabled = (hostname: string) => enabledSupervisor(t, domain, { hostname });

type Input = BulkInput<object>;

/** The outcome of each item, by its id. */
const outcomesOf = ({ items }: BulkResult) => items.map(({ id, outcome, code }) => [id, code ?? outcome]);

/** Runs a change dry, then in earnest: the answers are the same, and the dry run leaves everything as it was. */
async function runTwice(
  change: (core: Core, viewer: Viewer, input: Input) => Promise<BulkResult>,
  input: Input = { all: true },
): Promise<BulkResult> {
  const before = await everythingOf(t, domain);
  const rehearsed = await change(t.core, domain.operator, { ...input, dryRun: true });
  expect(await everythingOf(t, domain)).toEqual(before);
  const done = await change(t.core, domain.operator, input);
  expect(done).toEqual(rehearsed);
  return done;
}

describe('B2: a dry run tells what the run does, item by item, and changes nothing', () => {
  test('enabling and disabling; what the lifecycle refuses of one holds up no other (S1)', async () => {
    const pending = await supervisorIn(t, domain, 'PENDING', 'a');
    const lost = (await enabled('b')).id;
    t.advance(pastLeaseMs);
    await publish(t, domain, { hostname: 'a' });
    await sweep(t.core);
    const each = (outcome: string) =>
      [
        [pending, 'SUPERVISOR_STATE'],
        [lost, outcome],
      ].sort();
    expect(outcomesOf(await runTwice(enableSupervisors))).toEqual(each('CHANGED'));
    expect(outcomesOf(await runTwice(enableSupervisors))).toEqual(each('UNCHANGED'));
    expect(outcomesOf(await runTwice(disableSupervisors))).toEqual(each('CHANGED'));
    expect(outcomesOf(await runTwice(disableSupervisors))).toEqual(each('UNCHANGED'));
  });

  test('cordoning, and lifting it; what is drained keeps its cordon', async () => {
    const [a, b] = [(await enabled('a')).id, (await enabled('b')).id];
    expect(outcomesOf(await runTwice(cordonSupervisors))).toEqual([a, b].sort().map((id) => [id, 'CHANGED']));
    expect(outcomesOf(await runTwice(cordonSupervisors))).toEqual([a, b].sort().map((id) => [id, 'UNCHANGED']));
    await drainSupervisors(t.core, domain.operator, { filter: { hostname: { eq: 'b' } } });
    const lifted: [string, string][] = [
      [a, 'CHANGED'],
      [b, 'SUPERVISOR_STATE'],
    ];
    expect(outcomesOf(await runTwice(uncordonSupervisors))).toEqual(lifted.sort());
  });

  test('draining: what waits for its turn is queued anew, and undone', async () => {
    const { id } = await enabled('a');
    expect(outcomesOf(await runTwice(drainSupervisors))).toEqual([[id, 'CHANGED']]);
    expect(outcomesOf(await runTwice(undrainSupervisors))).toEqual([[id, 'CHANGED']]);
    expect(outcomesOf(await runTwice(undrainSupervisors))).toEqual([[id, 'UNCHANGED']]);
  });

  test('installing: a supervisor that is DISABLED but has the plugin is UNCHANGED', async () => {
    const [a, b] = [await enabled('a'), await enabled('b')];
    await installPlugin(t.core, domain.operator, { ...identity, supervisorId: a.id });
    await disableSupervisor(t.core, domain.operator, { supervisorId: a.id });
    await disableSupervisor(t.core, domain.operator, { supervisorId: b.id });
    const install = (core: Core, viewer: Viewer, input: Input) =>
      installPlugins(core, viewer, { ...input, ...identity });
    expect(new Map(outcomesOf(await runTwice(install)) as [string, string][])).toEqual(
      new Map([
        [a.id, 'UNCHANGED'],
        [b.id, 'NO_POSSIBLE_SUPERVISOR'],
      ]),
    );
  });

  test('installing past the quota: the first fit, and the others are LIMIT (A8)', async () => {
    for (const hostname of ['a', 'b', 'c']) await enabled(hostname);
    await installPlugin(t.core, domain.operator, { ...identity, pluginId: 'other' });
    const install = (core: Core, viewer: Viewer, input: Input) =>
      installPlugins(core, viewer, { ...input, ...identity });
    expect(outcomesOf(await runTwice(install)).map(([, outcome]) => outcome)).toEqual(['CHANGED', 'CHANGED', 'LIMIT']);
  });

  test('uninstalling a plugin and its replacement: the replacement goes with the plugin', async () => {
    const a = await enabled('a');
    await insertManagedPlugin(t, a);
    await enabled('b');
    await drainSupervisor(t.core, domain.operator, { supervisorId: a.id });
    const { items } = await runTwice(uninstallPlugins);
    expect(items).toHaveLength(2);
    const wanted = await t.db.prisma.plugin.count({ where: { domainId: domain.domainId, wanted: true } });
    expect(wanted).toBe(0);
    expect((await runTwice(uninstallPlugins)).items.map(({ outcome }) => outcome)).toEqual(['UNCHANGED', 'UNCHANGED']);
  });

  test('recovering: refused where the supervisor is not ENABLED (P2)', async () => {
    const [a, b] = [await enabled('a'), await enabled('b')];
    const [ofA, ofB] = [await insertManagedPlugin(t, a), await insertManagedPlugin(t, b)];
    await disableSupervisor(t.core, domain.operator, { supervisorId: b.id });
    expect(new Map(outcomesOf(await runTwice(recoverPlugins)) as [string, string][])).toEqual(
      new Map([
        [ofA.id, 'CHANGED'],
        [ofB.id, 'RECOVER_NOT_SUPPORTED'],
      ]),
    );
    expect(await t.db.prisma.plugin.findUniqueOrThrow({ where: { id: ofA.id } })).toMatchObject({ generation: 2 });
  });
});

test('B2: a run goes through its items by id, a bounded number at a time, and says where to go on', async () => {
  const ids: string[] = [];
  for (const hostname of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) ids.push((await enabled(hostname)).id);
  ids.sort();
  const seen: string[] = [];
  const sizes: number[] = [];
  for (let after: string | null = null; ; ) {
    // The items that are done no longer match: going on must not depend on them.
    const input = { filter: { state: { eq: 'ENABLED' as const } }, after };
    const { items, after: next }: BulkResult = await disableSupervisors(t.core, domain.operator, input);
    seen.push(...items.map(({ id }) => id));
    sizes.push(items.length);
    if (next === null) break;
    expect(next).toBe(items.at(-1)?.id);
    after = next;
  }
  expect(seen).toEqual(ids);
  expect(sizes).toEqual([3, 3, 1]);
});

test('B1: an operand that is missing changes nobody; all: true changes all', async () => {
  await enabled('a');
  const before = await everythingOf(t, domain);
  const missing = { filter: { hostname: { in: null } } };
  expect(await refusalOf(disableSupervisors(t.core, domain.operator, missing))).toMatchObject({
    code: 'BAD_USER_INPUT',
    at: ['filter', 'hostname', 'in'],
  });
  expect(await refusalOf(uninstallPlugins(t.core, domain.operator, { filter: {} }))).toMatchObject({ at: ['filter'] });
  expect(await everythingOf(t, domain)).toEqual(before);
  expect((await disableSupervisors(t.core, domain.operator, { all: true })).items).toMatchObject([
    { outcome: 'CHANGED' },
  ]);
});
