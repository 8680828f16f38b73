import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  publish,
  refusalOf,
  reportPlugin,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { listApiKeys, revokeApiKey } from '../apiKey/apiKeys.ts';
import { createApiKey } from '../apiKey/createApiKey.ts';
import { eventId } from '../base/ids.ts';
import type { Feed, Sequenced } from '../event/feed.ts';
import { listEvents } from '../event/read.ts';
import { pluginStates, supervisorStates } from '../event/stateChanges.ts';
import { openStream } from '../event/stream.ts';
import { pluginWatch, supervisorWatch } from '../event/watch.ts';
import { findNodes } from '../node.ts';
import { getPlugin, listPlugins, pluginStats } from '../plugin/read.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { publishRelease } from '../release/publishRelease.ts';
import { getRelease, listReleases } from '../release/releases.ts';
import { retireRelease } from '../release/retireRelease.ts';
import { searchPlugins, searchSupervisors } from '../search/list.ts';
import { statPlugins, statSupervisors } from '../search/stat.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor } from '../supervisor/enable.ts';
import { getSupervisor, listSupervisors, supervisorStats } from '../supervisor/read.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { boundArguments } from './tenants.ts';

// Test files share their worker's modules: those of this file are loaded anew, with the mocks, and given up after it.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

// Every operation's own conditions are gone here: what keeps tenants apart is the second line of defence alone.
vi.mock('./scopeWhere.ts', () => ({ inScope: () => ({}), isInScope: () => true }));
vi.mock('../query/scopeSql.ts', () => ({ scopeSql: () => 'TRUE' }));

const t = useTestCore({ database: { onQuery: (text) => statements.push(text) } });
let own: TestDomain;
let other: TestDomain;
let foreign: {
  supervisorId: string;
  pluginId: string;
  version: string;
  instanceId: string;
  seq: number;
  keyId: string;
  releaseId: string;
};
const statements: string[] = [];

beforeAll(async () => {
  [own, other] = [newDomain(), newDomain()];
  await reportPlugin(t, own, 'own', {});
  const supervisor = await enabledSupervisor(t, other, { hostname: 'foreign', labels: { secret: 1 } });
  const plugin = await insertManagedPlugin(t, supervisor);
  const event = await t.db.prisma.event.findFirstOrThrow({ where: { domainId: other.domainId } });
  const { apiKey } = await createApiKey(t.core, other.admin, {
    name: 'foreign',
    role: 'VIEWER',
    domainId: other.domainId,
  });
  const release = await publishRelease(t.core, other.operator, { pluginId: 'foreign', version: '1', spec: {} });
  foreign = {
    supervisorId: supervisor.id,
    pluginId: plugin.pluginId,
    version: plugin.version,
    instanceId: plugin.id,
    seq: Number(event.seq),
    keyId: apiKey.id,
    releaseId: release.id,
  };
  statements.length = 0;
});

describe('A3: with the operations’ own conditions gone, no row of another tenant is', () => {
  test('got by its id', async () => {
    expect(await getSupervisor(t.core, own.viewer, foreign.supervisorId)).toBeNull();
    expect(await getPlugin(t.core, own.viewer, foreign.instanceId)).toBeNull();
    expect(await getRelease(t.core, own.viewer, foreign.releaseId)).toBeNull();
    const ids = [foreign.supervisorId, foreign.instanceId, eventId(foreign.seq), foreign.releaseId];
    expect(await findNodes(t.core, own.viewer, ids)).toEqual([null, null, null, null]);
  });

  test('listed, counted, or reached by a filter', async () => {
    const supervisors = await listSupervisors(t.core, own.viewer, {
      filter: { or: [{}, { plugins: { some: {} } }] },
    });
    const plugins = await listPlugins(t.core, own.viewer, {});
    const events = await listEvents(t.core, own.viewer, {});
    const keys = await listApiKeys(t.core, own.operator, {});
    const releases = await listReleases(t.core, own.viewer, {});
    for (const page of [supervisors, plugins, events, keys, releases]) {
      expect(page.edges.every(({ node }) => node.domainId === own.domainId)).toBe(true);
      expect(await page.totalCount()).toBe(page.edges.length);
    }
    expect([supervisors, plugins, keys, releases].map(({ edges }) => edges.length)).toEqual([1, 1, 0, 0]);
    expect(await supervisorStats(t.core, own.viewer, { groupBy: ['DOMAIN_ID', 'LABEL'] })).toMatchObject([
      { domainId: own.domainId, count: 1 },
    ]);
    expect(await pluginStats(t.core, own.viewer, { groupBy: ['STATE'] })).toMatchObject([{ count: 1 }]);
  });

  test('found by the wire’s queries', async () => {
    expect(await searchSupervisors(t.core, own.viewer, {})).toMatchObject({ totalCount: 1 });
    expect(await searchPlugins(t.core, own.viewer, {})).toMatchObject({ totalCount: 1 });
    const query = { distinct: 'supervisor_id' };
    for (const stat of [statSupervisors, statPlugins]) {
      expect(JSON.stringify(await stat(t.core, own.viewer, { query }))).not.toContain(foreign.supervisorId);
    }
  });

  test('told of by a subscription or a watch, live or from history', async () => {
    const place = await t.core.hub.tail.catchUp();
    const open = async <Item extends Sequenced>(feed: Feed<Item>) => openStream(t.core, feed);
    const first = (await listEvents(t.core, own.viewer, { first: 1 })).edges[0]?.cursor;
    const watches = [
      await open(await supervisorWatch(t.core, own.viewer, {})),
      await open(await pluginWatch(t.core, own.viewer, { filter: { supervisor: { hostname: { ne: 'none' } } } })),
      await open(await supervisorWatch(t.core, own.viewer, { filter: { plugins: { some: {} } } })),
    ];
    for (const watch of watches) {
      for (let type = ''; type !== 'SYNCED'; ) {
        const { value } = await watch.next();
        expect(JSON.stringify(value)).not.toContain(other.domainId);
        type = value.type;
      }
    }
    const streams: AsyncIterableIterator<Sequenced>[] = [
      ...watches,
      await open(await supervisorStates(t.core, own.viewer, {})),
      await open(await pluginStates(t.core, own.viewer, { after: first })),
      await open(await pluginWatch(t.core, own.viewer, { after: first })),
    ];
    await reportPlugin(t, other, 'foreign', { pluginId: 'more' });
    await publish(t, own, { hostname: 'sentinel', plugins: [] });
    await reportPlugin(t, own, 'sentinel', { pluginId: 'sentinel' });
    for (const stream of streams) {
      for (let done = false; !done; ) {
        const { value } = await stream.next();
        const text = JSON.stringify(value);
        expect(text).not.toContain(other.domainId);
        expect(text).not.toContain(foreign.supervisorId);
        done = text.includes('sentinel') && value.seq > place;
      }
      await stream.return?.();
    }
  });

  test('changed, recovered, forgotten or ended', async () => {
    const target = { supervisorId: foreign.supervisorId };
    for (const attempt of [
      () => updateSupervisor(t.core, own.operator, { ...target, name: 'mine' }),
      () => disableSupervisor(t.core, own.operator, target),
      () => deregisterSupervisor(t.core, own.operator, { ...target, force: true }),
      () => recoverPlugin(t.core, own.operator, { ...target, pluginId: foreign.pluginId, version: foreign.version }),
      () => revokeApiKey(t.core, own.operator, { apiKeyId: foreign.keyId }),
      () => retireRelease(t.core, own.operator, { releaseId: foreign.releaseId }),
    ]) {
      expect(await refusalOf(async () => attempt())).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await getSupervisor(t.core, other.viewer, foreign.supervisorId)).toMatchObject({ state: 'ENABLED' });
  });
});

/** Statements on tenants' rows that no domain bounds, and why they may. */
const unbounded: readonly (readonly [RegExp, string])[] = [
  [/FROM events e WHERE e\.seq > \$1/, 'the tail and history: all of the log; restrictToDomain filters the items'],
  [/unnest\(\$1::text\[\], \$2::bigint\[\]\) AS f/, 'trees around a change: restrictToDomain filters the items'],
  [/"supervisors"\."id" IN \(/, 'the supervisor of a plugin that was found within the domain'],
  [/FROM event_log/, 'the log’s bounds'],
  [/^SELECT EXISTS \(SELECT FROM api_keys\)/, 'whether the server is open; it is looked at again upon a notification'],
  [/pg_notify|pg_advisory|set_config|_prisma_migrations/, 'no rows'],
];

test('each statement that an operation of a tenant runs on tenants’ rows is bounded by its domain', () => {
  const onRows = statements.filter((text) => /\b(supervisors|plugins|events|api_keys|domain_conditions)\b/.test(text));
  expect(onRows.length).toBeGreaterThan(20);
  const open = onRows.filter(
    (text) =>
      !/"?domain_id"?\s*=\s*(\$\d+|r\.)/.test(text.replaceAll('"public".', '')) &&
      !unbounded.some(([pattern]) => pattern.test(text)),
  );
  expect(open).toEqual([]);
});

describe('Prisma bound to a tenant', () => {
  test('keeps what it is asked, and adds the domain to it', () => {
    expect(boundArguments('findMany', { where: { AND: [{ id: 'a' }], state: 'ACTIVE' } }, 'd')).toEqual({
      where: { AND: [{ domainId: 'd' }, { id: 'a' }], state: 'ACTIVE' },
    });
    expect(boundArguments('findUnique', { where: { id: 'a' } }, 'd')).toEqual({
      where: { id: 'a', AND: [{ domainId: 'd' }] },
    });
    expect(boundArguments('count', {}, 'd')).toEqual({ where: { AND: [{ domainId: 'd' }] } });
  });

  test('makes no row in another domain, and reads no others’ plugins by way of a supervisor', () => {
    expect(() => boundArguments('create', { data: { domainId: 'e' } }, 'd')).toThrow('another domain');
    expect(() => boundArguments('createMany', { data: [{ domainId: 'd' }, {}] }, 'd')).toThrow('another domain');
    expect(boundArguments('create', { data: { domainId: 'd' } }, 'd')).toEqual({ data: { domainId: 'd' } });
    const throughSupervisor = [
      { include: { plugins: true } },
      { include: { steps: { include: { supervisor: { include: { plugins: true } } } } } },
      { select: { supervisor: { select: { plugins: true } } } },
    ];
    for (const args of throughSupervisor) {
      expect(() => boundArguments('findMany', args, 'd')).toThrow('by way of their supervisor');
    }
    const steps = { include: { steps: { orderBy: { position: 'asc' }, include: { supervisor: true } } } };
    expect(boundArguments('findMany', steps, 'd')).toEqual({ ...steps, where: { AND: [{ domainId: 'd' }] } });
  });

  test('reaches nothing that has no domain', async () => {
    const prisma = t.core.tenants.client({ domainId: own.domainId });
    await expect(prisma.lease.findMany()).rejects.toThrow('not for a tenant');
    await expect(prisma.$queryRaw`SELECT 1`).rejects.toThrow('not for a tenant');
  });
});
