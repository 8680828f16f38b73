import { beforeEach, describe, expect, test } from 'vitest';
import { newDomain, refusalOf, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import type { Viewer } from '../access/viewer.ts';
import { listEvents } from '../event/read.ts';
import { findNodes } from '../node.ts';
import { publishRelease } from './publishRelease.ts';
import { getRelease, listReleases } from './releases.ts';
import { retireRelease } from './retireRelease.ts';

const t = useTestCore({ settings: { quotas: { releases: 3 } } });
let domain: TestDomain;
let pluginId: string;
let made = 0;

beforeEach(() => {
  domain = newDomain();
  made += 1;
  // Public releases of one test are seen by all others.
  pluginId = `collector-${made}`;
});

const image = 'registry.example.com/collector:1';
const publish = (input: object = {}, viewer: Viewer = domain.operator) =>
  publishRelease(t.core, viewer, { pluginId, version: '1.0', spec: { image }, ...input });
const publishForAll = (input: object = {}) => publish({ isPublic: true, ...input }, domain.admin);
const retire = (releaseId: string, viewer: Viewer = domain.operator) => retireRelease(t.core, viewer, { releaseId });
const listed = async (viewer: Viewer, input: Parameters<typeof listReleases>[2] = {}) =>
  (await listReleases(t.core, viewer, { filter: { pluginId: { eq: pluginId } }, ...input })).edges.map(
    ({ node }) => node,
  );

describe('C1: a release', () => {
  test('is published once: the same spec again, in other words, is the same release', async () => {
    const release = await publish({ spec: { image, ports: [{ name: 'grpc', port: 1 }] } });
    expect(release).toMatchObject({
      id: expect.stringMatching(/^release-[0-9a-f]{12}$/),
      domainId: domain.domainId,
      isPublic: false,
      pluginId,
      version: '1.0',
      spec: { image, health: { kind: 'GRPC', port: 'grpc' } },
      createdAt: expect.any(Date),
      createdBy: domain.operator.subject,
      retiredAt: null,
      retiredBy: null,
    });
    const spec = { health: { kind: 'GRPC' }, ports: [{ scheme: 'grpc', port: 1, name: 'grpc' }], command: null, image };
    expect(await publish({ spec })).toEqual(release);
    expect(await publish({ spec }, { ...domain.admin, domainId: domain.domainId })).toEqual(release);
    expect(await listed(domain.viewer)).toEqual([release]);
  });

  test('is refused with another spec, by the names of all that differs', async () => {
    const { id } = await publish({ spec: { image, ports: [{ name: 'grpc', port: 1 }] } });
    const other = { image: `${image}.1`, ports: [{ name: 'grpc', port: 2 }], environment: [{ name: 'A', value: '' }] };
    expect(await refusalOf(publish({ spec: other }))).toMatchObject({
      code: 'PLUGIN_STATE',
      message: `${pluginId} 1.0 was published as ${id}, which never changes; expected the same spec, or another version: spec.image was "${image}", got "${image}.1"; spec.environment was a list of 0, got a list of 1; spec.ports[0].port was 1, got 2`,
      details: { releaseId: id, differing: ['spec.image', 'spec.environment', 'spec.ports[0].port'] },
    });
  });

  test('is one, however many publish it at the same time; another spec among these is refused', async () => {
    const same = await Promise.all(Array.from({ length: 8 }, () => publish()));
    expect(new Set(same.map(({ id }) => id)).size).toBe(1);
    const specs = Array.from({ length: 8 }, (_, i) => ({ image, stopTimeoutSeconds: i }));
    const each = await Promise.allSettled(specs.map((spec) => publish({ version: '2.0', spec })));
    expect(each.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of each) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'PLUGIN_STATE' });
    }
  });

  test('never changes, whatever a statement asks for, and is retired once', async () => {
    const { id } = await publish();
    const changes = ["spec = '{}'", "version = '2'", 'domain_id = NULL', "created_by = 'b'"];
    for (const change of changes) {
      await expect(t.db.sql.query(`UPDATE releases SET ${change} WHERE id = $1`, [id])).rejects.toThrow(
        'never changes',
      );
    }
    await retire(id);
    const back = t.db.sql.query('UPDATE releases SET retired_at = NULL, retired_by = NULL WHERE id = $1', [id]);
    await expect(back).rejects.toThrow('never changes');
  });

  test('stays retired, whoever retires or publishes it again', async () => {
    const { id } = await publish();
    const retired = await retire(id);
    expect(retired).toMatchObject({ id, retiredAt: expect.any(Date), retiredBy: domain.operator.subject });
    expect(await retire(id, domain.admin)).toEqual(retired);
    expect(await publish()).toEqual(retired);
    expect(await refusalOf(publish({ spec: {} }))).toMatchObject({ code: 'PLUGIN_STATE' });
  });

  test.each([
    [{ pluginId: '' }, ['pluginId']],
    [{ version: 'a\u200B' }, ['version']],
    [{ version: 'a'.repeat(256) }, ['version']],
    [{ isPublic: 1 }, ['isPublic']],
    [{ spec: null }, ['spec']],
    [{ spec: { image: 'a' } }, ['spec', 'image']],
  ])('%j is BAD_USER_INPUT with its path', async (input, path) => {
    expect(await refusalOf(publish(input))).toMatchObject({ code: 'BAD_USER_INPUT', details: { path } });
  });
});

describe('C1, A2, A3: a domain’s release', () => {
  test('is seen in its domain alone; another domain may have one of the same version', async () => {
    const release = await publish();
    const other = newDomain();
    for (const viewer of [other.viewer, other.operator]) {
      expect(await listed(viewer)).toEqual([]);
      expect(await getRelease(t.core, viewer, release.id)).toBeNull();
      expect(await findNodes(t.core, viewer, [release.id])).toEqual([null]);
    }
    expect(await refusalOf(retire(release.id, other.operator))).toMatchObject({
      code: 'NOT_FOUND',
      message: `no release "${release.id}"`,
    });
    expect(await publish({ spec: {} }, other.operator)).not.toHaveProperty('id', release.id);
    expect(await getRelease(t.core, domain.viewer, release.id)).toEqual(release);
    expect(await findNodes(t.core, domain.viewer, [release.id])).toEqual([{ kind: 'Release', node: release }]);
    expect(await getRelease(t.core, domain.viewer, 'release-1')).toBeNull();
    expect(await listed(domain.admin)).toHaveLength(2);
    expect(await listed(domain.admin, { domainId: domain.domainId })).toHaveLength(1);
  });

  test('is published and retired by those who may operate, and read by those who may read (A1)', async () => {
    const { id } = await publish();
    for (const viewer of [domain.viewer, domain.agent]) {
      expect(await refusalOf(publish({}, viewer))).toMatchObject({ code: 'FORBIDDEN' });
      expect(await refusalOf(retire(id, viewer))).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await refusalOf(listed(domain.agent))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusalOf(getRelease(t.core, domain.agent, id))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusalOf(publish({ domainId: 'other' }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusalOf(publish({}, domain.admin))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path: ['domainId'] },
    });
  });
});

describe('C1: a public release', () => {
  test('is an ADMIN’s of all domains, and is seen in every domain', async () => {
    const bound = { ...domain.admin, domainId: domain.domainId };
    for (const viewer of [domain.viewer, domain.operator, bound]) {
      expect(await refusalOf(publish({ isPublic: true }, viewer))).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await refusalOf(publishForAll({ domainId: domain.domainId }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path: ['domainId'] },
    });
    const release = await publishForAll();
    expect(release).toMatchObject({ domainId: null, isPublic: true });
    expect(await publishForAll()).toEqual(release);
    for (const viewer of [domain.viewer, newDomain().operator, domain.admin]) {
      expect(await listed(viewer)).toEqual([release]);
      expect(await getRelease(t.core, viewer, release.id)).toEqual(release);
      expect(await findNodes(t.core, viewer, [release.id])).toEqual([{ kind: 'Release', node: release }]);
    }
    for (const viewer of [domain.operator, bound]) {
      expect(await refusalOf(retire(release.id, viewer))).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await retire(release.id, domain.admin)).toMatchObject({ retiredBy: domain.admin.subject });
  });

  test('and a domain’s own of the same version are two', async () => {
    const [own, forAll] = [await publish({ spec: {} }), await publishForAll()];
    expect(own.id).not.toBe(forAll.id);
    expect(await listed(domain.viewer)).toHaveLength(2);
    expect(await listed(domain.viewer, { filter: { pluginId: { eq: pluginId }, isPublic: { eq: true } } })).toEqual([
      forAll,
    ]);
    expect(
      await listed(domain.viewer, { filter: { pluginId: { eq: pluginId }, domainId: { isNull: false } } }),
    ).toEqual([own]);
  });
});

test('C1, M5: releases are listed by plugin, the newest version first, or as asked for, page by page', async () => {
  const [a, b, c] = [
    await publish({ version: '1.9' }),
    await publish({ version: '1.10.0' }),
    await publish({ version: 'v1.9.0' }),
  ];
  await retire(a.id);
  const versions = async (input: Parameters<typeof listReleases>[2]) =>
    (await listed(domain.viewer, input)).map(({ version }) => version);
  expect(await versions({})).toEqual(['1.10.0', 'v1.9.0', '1.9']);
  expect(await versions({ orderBy: [{ field: 'CREATED_AT', direction: 'ASC' }] })).toEqual(['1.9', '1.10.0', 'v1.9.0']);
  expect(await versions({ filter: { pluginId: { eq: pluginId }, retiredAt: { isNull: true } } })).toEqual([
    '1.10.0',
    'v1.9.0',
  ]);
  const first = await listReleases(t.core, domain.viewer, { filter: { pluginId: { eq: pluginId } }, first: 1 });
  expect([await first.totalCount(), await first.pageInfo.hasNextPage]).toEqual([3, true]);
  const second = await listed(domain.viewer, { first: 1, after: first.pageInfo.endCursor });
  expect(second).toEqual([c]);
  expect(first.edges.map(({ node }) => node)).toEqual([b]);
});

describe('A8: a domain’s releases that are not retired', () => {
  test('are bounded, and those of others don’t count; what is there already is published again', async () => {
    const others = newDomain();
    for (const version of ['1', '2', '3']) {
      await publish({ version });
      await publish({ version }, others.operator);
    }
    expect(await refusalOf(publish({ version: '4' }))).toMatchObject({
      code: 'LIMIT',
      message: `expected at most 3 releases that are not retired in domain ${domain.domainId}`,
      details: { quota: 'releases', limit: 3 },
    });
    const { id } = await publish({ version: '3' });
    await retire(id);
    await retire(id);
    await publish({ version: '4' });
    expect(await refusalOf(publish({ version: '5' }))).toMatchObject({ code: 'LIMIT' });
  });

  test('also where they are published at the same time', async () => {
    const each = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => publish({ version: String(i) })));
    expect(each.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await listed(domain.viewer)).toHaveLength(3);
  });
});

describe('E1: publishing and retiring a release are events', () => {
  const eventsOf = async (viewer: Viewer, releaseId: string) =>
    (await listEvents(t.core, viewer, { filter: { releaseId: { eq: releaseId } } })).edges.map(({ node }) => node);

  test('each once, with the actor, for all of its domain', async () => {
    const { id } = await publish();
    await publish();
    await retire(id, { ...domain.operator, subject: 'another' });
    await retire(id);
    const events = await eventsOf(domain.viewer, id);
    const common = { domainId: domain.domainId, supervisorId: null, from: null, to: null, changes: null };
    expect(events).toMatchObject([
      { ...common, kind: 'RELEASE_PUBLISHED', actor: domain.operator.subject },
      { ...common, kind: 'RELEASE_RETIRED', actor: 'another' },
    ]);
    expect(await eventsOf(newDomain().operator, id)).toEqual([]);
    const retirements = await listEvents(t.core, domain.viewer, { filter: { kind: { eq: 'RELEASE_RETIRED' } } });
    expect(retirements.edges.map(({ node }) => node.releaseId)).toEqual([id]);
  });

  test('of a public release, for the ADMINs of all domains', async () => {
    const { id } = await publishForAll();
    await retire(id, domain.admin);
    expect(await eventsOf(domain.admin, id)).toMatchObject([
      { domainId: '*', kind: 'RELEASE_PUBLISHED' },
      { domainId: '*', kind: 'RELEASE_RETIRED' },
    ]);
    expect(await eventsOf(domain.operator, id)).toEqual([]);
  });
});
