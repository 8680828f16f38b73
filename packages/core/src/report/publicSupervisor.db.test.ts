import type { PluginState } from '@muster/db';
import { beforeEach, describe, expect, test } from 'vitest';
import { newDomain, publish, refusalOf, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import { fetchAssignments, listAssignments } from '../assignment/assignments.ts';
import { onceEach } from '../assignment/onceEach.ts';
import { notifyFailure } from '../placement/endpoint/notifyFailure.ts';
import { explainPlacement } from '../placement/explain.ts';
import { installPlugin } from '../placement/install.ts';
import { uninstallPlugin } from '../placement/uninstall.ts';
import { listPlugins } from '../plugin/read.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { registerSupervisor } from '../supervisor/register.ts';

const t = useTestCore();

const identity = { pluginId: 'collector', version: '1.0' };
const hostname = 'shared';

/** Whose public supervisor it is, and two tenants of it. */
let [owner, one, two]: TestDomain[] = [];
let supervisorId: string;
beforeEach(async () => {
  [owner, one, two] = [newDomain(), newDomain(), newDomain()];
  const { supervisor } = await publish(t, the(owner), { hostname });
  supervisorId = supervisor.id;
  await registerSupervisor(t.core, the(owner).admin, { supervisorId, isPublic: true });
});

function the(domain: TestDomain | undefined): TestDomain {
  if (!domain) throw new Error('no domain');
  return domain;
}

const install = (domain: TestDomain | undefined) =>
  installPlugin(t.core, the(domain).operator, { ...identity, supervisorId });
const rowOf = (domain: TestDomain | undefined) =>
  t.db.prisma.plugin.findFirst({ where: { supervisorId, domainId: the(domain).domainId } });
const stateOf = async (domain: TestDomain | undefined) => (await rowOf(domain))?.state;
const list = () => fetchAssignments(t.core, the(owner).agent, { hostname });
const report = (state: PluginState, more: { domainId?: string; observedGeneration?: number } = {}) =>
  publish(t, the(owner), { hostname, plugins: [{ ...identity, state, ...more }] });

describe('P9: two domains have the same plugin and version on a public supervisor', () => {
  test('each its own row, and neither sees or bars the other', async () => {
    await install(one);
    const explained = await explainPlacement(t.core, the(two).viewer, { ...identity, supervisorId });
    expect(explained.edges.map(({ node }) => node)).toMatchObject([
      { rank: 1, rejectedBy: null, candidate: { isTaken: false, pluginCount: 0 } },
    ]);
    const { plugin, changed } = await install(two);
    expect({ changed, ...plugin }).toMatchObject({ changed: true, domainId: the(two).domainId, generation: 1 });
    expect((await install(one)).plugin.id).not.toBe(plugin.id);
    for (const domain of [one, two]) {
      const page = await listPlugins(t.core, the(domain).viewer, {});
      expect(page.edges.map(({ node }) => node.domainId)).toEqual([the(domain).domainId]);
    }
    expect((await listPlugins(t.core, the(owner).viewer, {})).edges).toEqual([]);
  });

  test('beside one that the supervisor runs unasked', async () => {
    await report('ACTIVE');
    await install(one);
    expect([(await rowOf(owner))?.managed, (await rowOf(one))?.managed]).toEqual([false, true]);
  });

  test('a report that names no domain speaks for all of them', async () => {
    await Promise.all([install(one), install(two)]);
    await list();
    const { rejected } = await report('ACTIVE');
    expect(rejected).toEqual([]);
    expect([await stateOf(one), await stateOf(two)]).toEqual(['ACTIVE', 'ACTIVE']);
    expect(await rowOf(owner)).toBeNull();
    await report('ERROR');
    expect([await stateOf(one), await stateOf(two)]).toEqual(['ERROR', 'ERROR']);
  });

  test('a report that names one speaks for that alone', async () => {
    await Promise.all([install(one), install(two)]);
    await report('ACTIVE', { domainId: the(one).domainId });
    expect([await stateOf(one), await stateOf(two)]).toEqual(['ACTIVE', 'PROVISIONING']);
    const both = [the(one), the(two)].map(({ domainId }) => ({ ...identity, domainId, state: 'ACTIVE' as const }));
    await publish(t, the(owner), { hostname, plugins: both });
    expect([await stateOf(one), await stateOf(two)]).toEqual(['ACTIVE', 'ACTIVE']);
    await report('ACTIVE', { domainId: the(one).domainId });
    expect([await rowOf(one), await rowOf(two)]).toMatchObject([{ missingReports: 0 }, { missingReports: 1 }]);
  });

  test('a report makes no row in another domain: it says so', async () => {
    const { domainId } = the(one);
    const { rejected } = await report('ACTIVE', { domainId });
    expect(rejected).toEqual([
      {
        index: 0,
        field: null,
        ...identity,
        code: 'NOT_FOUND',
        message: `no plugin collector 1.0 of domain ${domainId}`,
      },
    ]);
    expect(await t.db.prisma.plugin.count({ where: { supervisorId } })).toBe(0);
    await report('ACTIVE', { domainId: the(owner).domainId });
    expect(await stateOf(owner)).toBe('ACTIVE');
  });

  test('a report has a plugin either for all domains or for some', async () => {
    await install(one);
    const named = { ...identity, domainId: the(one).domainId, state: 'ACTIVE' as const };
    const { domainId: _, ...forAll } = named;
    for (const plugins of [
      [named, forAll],
      [forAll, named],
      [named, named],
    ]) {
      const { rejected } = await publish(t, the(owner), { hostname, plugins });
      expect(rejected).toMatchObject([{ index: 1, code: 'BAD_USER_INPUT' }]);
    }
  });

  test('recover, a failure and an uninstall are about the caller’s own row', async () => {
    await Promise.all([install(one), install(two)]);
    await list();
    await report('ACTIVE');
    await recoverPlugin(t.core, the(one).operator, { supervisorId, ...identity });
    expect([await rowOf(one), await rowOf(two)]).toMatchObject([
      { state: 'RE_PROVISIONING', generation: 2 },
      { state: 'ACTIVE', generation: 1 },
    ]);
    await notifyFailure(t.core, the(two).operator, { supervisorId, ...identity });
    expect(await stateOf(two)).toBe('RE_PROVISIONING');
    await uninstallPlugin(t.core, the(one).operator, identity);
    expect([(await rowOf(one))?.wanted, (await rowOf(two))?.wanted]).toEqual([false, true]);
    const ambiguous = recoverPlugin(t.core, the(one).admin, { supervisorId, ...identity });
    expect(await refusalOf(ambiguous)).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['domainId'] } });
    const target = { supervisorId, ...identity, domainId: the(two).domainId };
    expect(await recoverPlugin(t.core, the(one).admin, target)).toMatchObject({ domainId: target.domainId });
    expect(await refusalOf(recoverPlugin(t.core, newDomain().operator, { supervisorId, ...identity }))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('an agent that knows no domains sees it once, for as long as one domain wants it', async () => {
    await Promise.all([install(one), install(two)]);
    const states = async () => onceEach(await list()).map(({ state }) => state);
    expect(await list()).toHaveLength(2);
    expect(await states()).toEqual(['PROVISIONING']);
    await report('ACTIVE');
    expect(await states()).toEqual(['ACTIVE']);
    await recoverPlugin(t.core, the(one).operator, { supervisorId, ...identity });
    expect(await states()).toEqual(['RE_PROVISIONING']);
    await report('ACTIVE');
    await uninstallPlugin(t.core, the(one).operator, identity);
    expect(await states()).toEqual(['ACTIVE']);
    await uninstallPlugin(t.core, the(two).operator, identity);
    expect(await states()).toEqual([]);
    await publish(t, the(owner), { hostname, plugins: [] });
    expect(await t.db.prisma.plugin.count({ where: { supervisorId } })).toBe(0);
  });

  test('as long as its agent still runs it, both rows stay, and each goes by its own wish', async () => {
    await Promise.all([install(one), install(two)]);
    await report('ACTIVE');
    await uninstallPlugin(t.core, the(one).operator, identity);
    await report('ACTIVE');
    expect([await rowOf(one), await rowOf(two)]).toMatchObject([{ wanted: false }, { wanted: true }]);
    await publish(t, the(owner), { hostname, plugins: [] });
    expect([await rowOf(one), await rowOf(two)]).toMatchObject([null, { wanted: true, missingReports: 1 }]);
  });

  test('A6: the owner’s operators see none of the tenants’ plugins in the list; its agent sees all', async () => {
    await Promise.all([install(one), install(two), install(owner)]);
    expect(await list()).toHaveLength(3);
    const seen = await listAssignments(t.core, the(owner).operator, { hostname });
    expect(seen.map(({ domainId }) => domainId)).toEqual([the(owner).domainId]);
  });
});
