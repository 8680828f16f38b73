import { beforeEach, describe, expect, test } from 'vitest';
import { tick } from '../../testing/agent.ts';
import { identity, installedIn, wantedIn } from '../../testing/placed.ts';
import {
  enabledSupervisor,
  newDomain,
  refusalOf,
  reportPlugin,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import type { Viewer } from '../access/viewer.ts';
import {
  acquirePluginEndpoint,
  drainSupervisor,
  explainPlacement,
  installPlugin,
  installPlugins,
  publishRelease,
  recoverPlugin,
  retireRelease,
  uninstallPlugin,
} from '../index.ts';
import { sweep } from '../sweep/sweep.ts';

const t = useTestCore();
let domain: TestDomain;

beforeEach(() => {
  domain = newDomain();
});

const install = (version = '1.0', viewer: Viewer = domain.operator) =>
  installPlugin(t.core, viewer, { ...identity, version });
const acquire = (input: object = {}) =>
  acquirePluginEndpoint(t.core, domain.operator, { pluginId: identity.pluginId, ...input });
const publish = (version: string, input: object = {}, viewer: Viewer = domain.operator) =>
  publishRelease(t.core, viewer, { ...identity, version, spec: {}, ...input });
const retire = ({ id }: { id: string }) => retireRelease(t.core, domain.admin, { releaseId: id });
const publishRetired = async (version: string, input: object = {}, viewer: Viewer = domain.operator) =>
  retire(await publish(version, input, viewer));
const enabled = (hostname: string) => enabledSupervisor(t, domain, { hostname });
const installed = () => installedIn(t, domain, 'a');

describe('C1: a version whose release is retired is placed no more', () => {
  test('by an install, one by one or many, and the refusal names the release', async () => {
    const { id: supervisorId } = await enabled('a');
    const { id } = await publishRetired('1.0');
    const refused = {
      code: 'PLUGIN_STATE',
      message: `expected a version of collector that may be placed in domain ${domain.domainId}; the release of 1.0, ${id}, is retired`,
      details: { releaseId: id },
    };
    expect(await refusalOf(install())).toMatchObject(refused);
    for (const dryRun of [true, false]) {
      const { items } = await installPlugins(t.core, domain.operator, { ...identity, all: true, dryRun });
      expect(items).toMatchObject([
        { id: supervisorId, outcome: 'REFUSED', code: refused.code, message: refused.message },
      ]);
    }
    expect(await refusalOf(explainPlacement(t.core, domain.viewer, identity))).toMatchObject(refused);
    expect(await wantedIn(t, domain)).toEqual({});
  });

  test('and what an agent runs by itself is not taken over, nor what is being uninstalled wanted again', async () => {
    await enabled('a');
    await reportPlugin(t, domain, 'a', {});
    const release = await publish('1.0');
    await retire(release);
    expect(await refusalOf(install())).toMatchObject({ code: 'PLUGIN_STATE' });
    domain = newDomain();
    await installed();
    const own = await publish('1.0');
    await uninstallPlugin(t.core, domain.operator, identity);
    await retire(own);
    expect(await refusalOf(install())).toMatchObject({ code: 'PLUGIN_STATE' });
  });

  test('by a request for an endpoint that names it, where none is ACTIVE', async () => {
    await enabled('a');
    await publishRetired('1.0');
    expect(await refusalOf(acquire({ version: '1.0' }))).toMatchObject({ code: 'PLUGIN_STATE' });
    expect(await refusalOf(acquire({ version: '1.0', anyVersion: true }))).toMatchObject({ code: 'PLUGIN_STATE' });
    expect(await refusalOf(acquire({ anyVersion: true }))).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
  });

  test('from the moment on: no plugin is made after the retirement, however many installs are under way', async () => {
    for (let i = 0; i < 20; i++) await enabled(`host-${i}`);
    const release = await publish('1.0');
    const supervisors = await t.db.prisma.supervisor.findMany({ where: { domainId: domain.domainId } });
    const installs = supervisors.map(({ id: supervisorId }) =>
      installPlugin(t.core, domain.operator, { ...identity, supervisorId }),
    );
    await installs[3];
    await Promise.all([retire(release), Promise.allSettled(installs)]);
    const events = await t.db.prisma.event.findMany({
      where: { OR: [{ releaseId: release.id }, { domainId: domain.domainId, kind: 'PLUGIN_CREATED' }] },
      orderBy: { seq: 'asc' },
    });
    expect(events[0]?.kind).toBe('RELEASE_PUBLISHED');
    expect(events.at(-1)?.kind).toBe('RELEASE_RETIRED');
  });
});

describe('C1: what runs of a retired release stays', () => {
  test('it is found by an install and handed out, recovered, and moved by a drain', async () => {
    const old = await installed();
    await publishRetired('1.0');
    expect(await install()).toMatchObject({ changed: false, plugin: { state: 'ACTIVE' } });
    expect(await acquire({ version: '1.0' })).toMatchObject({ state: 'ACTIVE' });
    expect(await acquire({ anyVersion: true })).toMatchObject({ state: 'ACTIVE', version: '1.0' });
    await recoverPlugin(t.core, domain.operator, { ...identity, supervisorId: old.id });
    await tick(t, domain, 'a');
    expect(await wantedIn(t, domain)).toEqual({ a: 'ACTIVE' });
    await enabled('b');
    await drainSupervisor(t.core, domain.operator, { supervisorId: old.id });
    await tick(t, domain, 'b');
    await sweep(t.core);
    expect(await wantedIn(t, domain)).toEqual({ b: 'ACTIVE' });
  });
});

describe('C1: a version can be placed', () => {
  test('without a release, and where another version of it, or another domain’s, is retired', async () => {
    await enabled('a');
    await publishRetired('2.0');
    await publishRetired('1.0', {}, newDomain().operator);
    expect(await install()).toMatchObject({ changed: true });
  });

  test('by its own release before the public one, whichever is retired', async () => {
    const pluginId = 'own-before-public';
    const forAll = { isPublic: true, pluginId };
    await enabled('a');
    const own = await publish('1', { pluginId });
    await publish('2', forAll, domain.admin);
    await publishRetired('1', forAll, domain.admin);
    await publishRetired('2', { pluginId });
    await publishRetired('3', forAll, domain.admin);
    const place = (version: string, viewer: Viewer = domain.operator) =>
      installPlugin(t.core, viewer, { pluginId, version });
    expect(await place('1')).toMatchObject({ changed: true });
    for (const version of ['2', '3']) expect(await refusalOf(place(version))).toMatchObject({ code: 'PLUGIN_STATE' });
    await retire(own);
    expect(await place('1')).toMatchObject({ changed: false });
    domain = newDomain();
    await enabled('b');
    expect(await place('2')).toMatchObject({ changed: true });
    expect(await refusalOf(place('1'))).toMatchObject({ code: 'PLUGIN_STATE' });
  });
});

describe('C1, M5: where any version will do and none is there,', () => {
  const placed = async (input: object = {}) => (await acquire({ anyVersion: true, ...input })).version;

  test('the newest release that is not retired is installed, whatever was asked for and whatever else is known', async () => {
    await enabled('a');
    await publish('1.9.0');
    await publish('1.10.0-rc.1');
    await publish('1.10.0');
    await publishRetired('2.0.0');
    await publish('latest');
    expect(await placed({ version: '3.0.0' })).toBe('1.10.0');
  });

  test('also a public one; the domain’s own of the same version counts in its place', async () => {
    const pluginId = 'any-version';
    await enabled('a');
    for (const version of ['1', '2', '3']) await publish(version, { isPublic: true, pluginId }, domain.admin);
    await publishRetired('3', { pluginId });
    expect(await placed({ pluginId })).toBe('2');
  });

  test('of a plugin without a release that may be placed, the newest other version that is asked for or known', async () => {
    await enabled('a');
    await publish('9', {}, newDomain().operator);
    expect(await placed({ version: '4', pluginId: 'unreleased' })).toBe('4');
    // Without an endpoint it is none to hand out.
    await reportPlugin(t, domain, 'a', { version: '4' });
    await publishRetired('4');
    expect(await refusalOf(placed())).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
    expect(await placed({ version: '3' })).toBe('3');
  });

  test('what is on its way is waited for', async () => {
    await enabled('a');
    await install('1.0');
    await publish('2.0');
    expect(await placed()).toBe('1.0');
  });
});

test('M4, C1: who waits for a plugin that went is given the release that is published meanwhile', async () => {
  await enabled('a');
  const first = await publish('1.0');
  const waiting = acquire({ anyVersion: true, waitSeconds: 300 });
  await expect.poll(() => wantedIn(t, domain)).toEqual({ a: 'PROVISIONING' });
  await retire(first);
  await uninstallPlugin(t.core, domain.operator, identity);
  await publish('2.0');
  await expect.poll(() => wantedIn(t, domain)).toEqual({ a: 'PROVISIONING' });
  await tick(t, domain, 'a');
  expect(await waiting).toMatchObject({ version: '2.0', state: 'ACTIVE' });
});
