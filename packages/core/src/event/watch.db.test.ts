import { setImmediate } from 'node:timers/promises';
import type { Plugin, Supervisor } from '@muster/db';
import { PluginState, SupervisorState } from '@muster/db';
import { testDatabaseKind } from '@muster/db/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  createRandom,
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  openTestCore,
  pluginIn,
  publish,
  type Random,
  refusalOf,
  report,
  type TestCore,
  type TestDomain,
} from '../../testing/core.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError } from '../errors.ts';
import { listPlugins } from '../plugin/read.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { entities } from '../query/fields.ts';
import type { PluginFilter, SupervisorFilter } from '../query/filter.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { listSupervisors } from '../supervisor/read.ts';
import { registerSupervisor } from '../supervisor/register.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { encodeCursor } from './cursor.ts';
import { cursorOf } from './read.ts';
import { openStream } from './stream.ts';
import { trimHistory } from './trim.ts';
import { pluginWatch, supervisorWatch, type WatchEvent, type WatchInput } from './watch.ts';

let t: TestCore;
const open: AsyncIterator<unknown>[] = [];
beforeAll(async () => {
  // Only NOTIFY wakes the tail here: what passes these tests doesn't pass by polling.
  t = await openTestCore({ settings: { eventPollMs: 1_000_000, subscriptionBufferEvents: 100_000 } });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const iterator of open.splice(0)) await iterator.return?.();
  expect(t.core.hub.subscriptions).toBe(0);
});
afterAll(() => t.close());

type Stream<Row> = AsyncIterableIterator<WatchEvent<Row>>;

async function watchSupervisors(viewer: Viewer, input: WatchInput<SupervisorFilter> = {}): Promise<Stream<Supervisor>> {
  const stream = await openStream(t.core, await supervisorWatch(t.core, viewer, input));
  open.push(stream);
  return stream;
}

async function watchPlugins(viewer: Viewer, input: WatchInput<PluginFilter> = {}): Promise<Stream<Plugin>> {
  const stream = await openStream(t.core, await pluginWatch(t.core, viewer, input));
  open.push(stream);
  return stream;
}

async function next<Row>(stream: Stream<Row>): Promise<WatchEvent<Row>> {
  const { value, done } = await stream.next();
  if (done) throw new Error('expected an event; the stream ended');
  return value;
}

async function take<Row>(stream: Stream<Row>, count: number): Promise<WatchEvent<Row>[]> {
  const taken: WatchEvent<Row>[] = [];
  while (taken.length < count) taken.push(await next(stream));
  return taken;
}

/** All up to SYNCED, and that. */
async function takeSnapshot<Row>(stream: Stream<Row>): Promise<WatchEvent<Row>[]> {
  const taken: WatchEvent<Row>[] = [];
  do taken.push(await next(stream));
  while (taken.at(-1)?.type !== 'SYNCED');
  return taken;
}

const ofSupervisor = ({ type, row }: WatchEvent<Supervisor>) => [type, ...(row ? [row.hostname] : [])].join(' ');
const ofPlugin = ({ type, row }: WatchEvent<Plugin>) => [type, ...(row ? [row.pluginId, row.state] : [])].join(' ');
const cursorAt = (event: { seq: number } | undefined) => cursorOf(t.core, event?.seq ?? 0);

describe('a watch', () => {
  test('sends ADDED for each row that matches, then SYNCED, and then every change', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname: 'a', tags: { secret: 1 } });
    await publish(t, domain, { hostname: 'b' });
    const stream = await watchSupervisors(domain.viewer);
    const snapshot = await takeSnapshot(stream);
    expect(snapshot.map(ofSupervisor).sort()).toEqual(['ADDED a', 'ADDED b', 'SYNCED']);
    expect(snapshot.find(({ id }) => id === supervisorId)?.row).toMatchObject({
      state: 'ENABLED',
      tags: { secret: 1 },
      secretHash: null,
      createdAt: expect.any(Date),
    });

    await disableSupervisor(t.core, domain.operator, { supervisorId });
    await updateSupervisor(t.core, domain.operator, { supervisorId, labels: { env: 'prod' } });
    await publish(t, domain, { hostname: 'c' });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId });
    const changes = await take(stream, 4);
    expect(changes.map(ofSupervisor)).toEqual(['MODIFIED a', 'MODIFIED a', 'ADDED c', 'REMOVED']);
    // Each row is as of its event, not as of now.
    expect(changes.map(({ row }) => row && [row.state, row.labels])).toEqual([
      ['DISABLED', {}],
      ['DISABLED', { env: 'prod' }],
      ['PENDING', {}],
      null,
    ]);
    expect(changes.map(({ id }) => id)).toEqual([supervisorId, supervisorId, changes[2]?.row?.id, supervisorId]);
    expect([...changes.map(({ seq }) => seq)].sort((a, b) => a - b)).toEqual(changes.map(({ seq }) => seq));
  });

  test('of nothing sends SYNCED at once, and what then begins to match', async () => {
    const domain = newDomain();
    const stream = await watchPlugins(domain.viewer);
    expect((await take(stream, 1)).map(ofPlugin)).toEqual(['SYNCED']);
    await report(t, domain, 'a', { state: 'PROVISIONING' });
    await report(t, domain, 'a', { state: 'ACTIVE' });
    expect((await take(stream, 2)).map(ofPlugin)).toEqual([
      'ADDED collector PROVISIONING',
      'MODIFIED collector ACTIVE',
    ]);
  });

  test('L2: a heartbeat in which nothing changed sends nothing', async () => {
    const domain = newDomain();
    await report(t, domain, 'a', {});
    const [supervisors, plugins] = [await watchSupervisors(domain.viewer), await watchPlugins(domain.viewer)];
    await Promise.all([takeSnapshot(supervisors), takeSnapshot(plugins)]);
    await report(t, domain, 'a', {});
    await report(t, domain, 'sentinel', { pluginId: 'sentinel' });
    expect(ofSupervisor(await next(supervisors))).toBe('ADDED sentinel');
    expect(ofPlugin(await next(plugins))).toBe('ADDED sentinel ACTIVE');
  });

  test('an id in the order of its snapshot comes once, and no row of the other entity', async () => {
    const domain = newDomain();
    for (const hostname of ['a', 'b', 'c']) await report(t, domain, hostname, {});
    const events = await takeSnapshot(await watchPlugins(domain.viewer));
    expect(events).toHaveLength(4);
    const ids = events.slice(0, 3).map(({ id }) => id);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every((id) => id?.startsWith('instance-'))).toBe(true);
  });
});

/** A time that no row of a test has by itself, and one before it. */
const [late, later] = ['2099-01-01T00:00:00Z', '2099-01-02T00:00:00Z'];

describe('a row that begins, goes on and stops to match is ADDED, MODIFIED and REMOVED', () => {
  test.each<[string, SupervisorFilter, string, string]>([
    ['a text', { name: { startsWith: 'match' } }, `name = 'match 1'`, `name = 'other'`],
    ['a text of any case', { name: { eq: 'ÄB', insensitive: true } }, `name = 'äb'`, `name = 'a'`],
    ['texts', { name: { notIn: ['a', 'b'] }, hostname: { in: ['a'] } }, `name = 'c'`, `name = 'b'`],
    ['a state', { state: { in: ['DISABLED', 'PENDING'] } }, `state = 'DISABLED'`, `state = 'ENABLED'`],
    ['a boolean', { isPublic: { eq: true } }, 'is_public = true', 'is_public = false'],
    ['a number', { priority: { gte: 5, lt: 7 } }, 'priority = 6', 'priority = 7'],
    ['labels', { labels: { contains: { a: { b: [1] } } } }, `labels = '{"a": {"b": [2, 1]}}'`, `labels = '{"a": 1}'`],
    ['a key of the tags', { tags: { hasKey: 'k' } }, `tags = '{"k": null}'`, `tags = '{}'`],
    ['a time', { registeredAt: { gt: new Date(late) } }, `registered_at = '${later}'`, `registered_at = '${late}'`],
    ['not', { not: { priority: { eq: 0 } } }, 'priority = -1', 'priority = 0'],
    [
      'or',
      { or: [{ priority: { eq: 9 } }, { and: [{ name: { eq: 'n' } }, { isPublic: { eq: false } }] }] },
      `name = 'n'`,
      `name = 'm'`,
    ],
  ])('supervisors by %s', async (_title, filter, begins, stops) => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname: 'a', name: 'a' });
    const set = (values: string) => t.db.sql.query(`UPDATE supervisors SET ${values} WHERE id = $1`, [id]);
    await set(stops);
    const stream = await watchSupervisors(domain.viewer, {
      filter: { or: [filter, { hostname: { eq: 'sentinel' } }] },
    });
    expect(ofSupervisor(await next(stream))).toBe('SYNCED');
    await set(begins);
    await set(`tags = '{"k": 1, "other": 1}'`);
    await set(stops);
    await set(`tags = '{"unseen": 1}'`);
    await set(begins);
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: id });
    await publish(t, domain, { hostname: 'sentinel' });
    const events = await take(stream, 6);
    expect(events.map(ofSupervisor)).toEqual([
      'ADDED a',
      'MODIFIED a',
      'REMOVED',
      'ADDED a',
      'REMOVED',
      'ADDED sentinel',
    ]);
    expect(events.slice(0, 5).every((event) => event.id === id)).toBe(true);
  });

  test.each<[string, PluginFilter, string, string]>([
    ['a state', { state: { eq: 'ERROR' } }, `state = 'ERROR'`, `state = 'ACTIVE'`],
    ['a state that it has not', { state: { ne: 'ACTIVE' } }, `state = 'ERROR'`, `state = 'ACTIVE'`],
    ['an endpoint', { endpoint: { endsWith: ':50051' } }, `endpoint = 'grpc://a:50051'`, 'endpoint = NULL'],
    ['no endpoint', { endpoint: { isNull: true } }, 'endpoint = NULL', `endpoint = 'grpc://a:50051'`],
    ['a reason', { reason: { eq: 'MISSING' } }, `reason = 'MISSING'`, 'reason = NULL'],
    ['a generation', { generation: { in: [3, 4] } }, 'generation = 4', 'generation = 5'],
    ['managed', { managed: { ne: true } }, 'managed = false', 'managed = true'],
  ])('plugins by %s', async (_title, filter, begins, stops) => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname: 'a' });
    const { id } = await insertManagedPlugin(t, supervisor, { pluginId: 'p' });
    const set = (values: string) => t.db.sql.query(`UPDATE plugins SET ${values} WHERE id = $1`, [id]);
    await set(stops);
    const stream = await watchPlugins(domain.viewer, { filter: { or: [filter, { pluginId: { eq: 'sentinel' } }] } });
    expect((await next(stream)).type).toBe('SYNCED');
    await set(begins);
    await set(`message = 'hm'`);
    await set(stops);
    await set(`message = 'unseen'`);
    await set(begins);
    await t.db.sql.query('DELETE FROM plugins WHERE id = $1', [id]);
    await insertManagedPlugin(t, supervisor, { pluginId: 'sentinel' });
    const events = await take(stream, 6);
    expect(events.map(({ type, id }) => [type, id])).toEqual([
      ...['ADDED', 'MODIFIED', 'REMOVED', 'ADDED', 'REMOVED'].map((type) => [type, id]),
      ['ADDED', events[5]?.row?.id],
    ]);
    expect(events[1]?.row?.message).toBe('hm');
    expect(events[5]?.row?.pluginId).toBe('sentinel');
  });
});

test('an update moves a row past a time in the filter, and so into one list and out of another', async () => {
  const domain = newDomain();
  const { plugin } = await pluginIn(t, domain, 'ACTIVE', 'a');
  const until = await watchPlugins(domain.viewer, { filter: { updatedAt: { lte: plugin.updatedAt } } });
  const since = await watchPlugins(domain.viewer, { filter: { stateChangedAt: { gt: plugin.stateChangedAt } } });
  expect((await takeSnapshot(until)).map(ofPlugin)).toEqual(['ADDED collector ACTIVE', 'SYNCED']);
  expect((await takeSnapshot(since)).map(ofPlugin)).toEqual(['SYNCED']);
  await report(t, domain, 'a', { message: 'no other state' });
  await report(t, domain, 'a', { state: 'ERROR' });
  expect(await next(until)).toMatchObject({ type: 'REMOVED', id: plugin.id });
  expect(ofPlugin(await next(since))).toBe('ADDED collector ERROR');
});

/** Two agents, a thousand plugins and two hundred: a snapshot of three pages. */
async function publishMany(domain: TestDomain): Promise<void> {
  for (const [hostname, count] of [
    ['large', 1_000],
    ['small', 200],
  ] as const) {
    const plugins = Array.from({ length: count }, (_, i) => ({
      pluginId: `p${i}`,
      version: '1',
      state: 'ACTIVE' as const,
    }));
    await publish(t, domain, { hostname, plugins });
  }
}

const visible = {
  supervisor: Object.keys(entities.supervisor.fields),
  plugin: [...Object.keys(entities.plugin.fields), 'endpoints'],
};

/** What a viewer can see of a row. */
function seen(entity: 'supervisor' | 'plugin', row: object): Record<string, unknown> {
  const fields = row as Record<string, unknown>;
  return Object.fromEntries(visible[entity].map((name) => [name, fields[name]]));
}

function refuseMisfit({ type, id, seq }: WatchEvent<unknown>, known: boolean, synced: boolean): void {
  const fits = { ADDED: !known, MODIFIED: known, REMOVED: known, SYNCED: !synced, BOOKMARK: synced }[type];
  if (!fits) throw new Error(`${type} of ${id} at ${seq}, which was ${known ? '' : 'not '}known`);
}

/** What a client makes of a watch: a list that is kept true. Refuses events that don't fit what came before. */
function createList<Row extends { id: string }>() {
  const rows = new Map<string, Row>();
  let synced = false;
  let last = 0;
  let resumedAt = 0;
  return {
    rows,
    /** Goes on after the cursor: whoever let go within what one change means for many rows is told all of that again. */
    resume(): void {
      resumedAt = last;
    },
    get synced() {
      return synced;
    },
    get cursor() {
      return cursorOf(t.core, last);
    },
    apply(event: WatchEvent<Row>): void {
      const { type, id, row, seq } = event;
      if (resumedAt === 0 || seq > resumedAt + 1) refuseMisfit(event, id !== null && rows.has(id), synced);
      // A bookmark may say again where the watcher is already, and many rows may share a change.
      if (synced && seq < last) throw new Error(`${seq} came after ${last}`);
      synced ||= type === 'SYNCED';
      if (synced) last = seq;
      if (id !== null && row !== null) rows.set(id, row);
      else if (id !== null) rows.delete(id);
    },
  };
}

async function listedPlugins(viewer: Viewer, filter?: PluginFilter): Promise<Map<string, Plugin>> {
  const rows = new Map<string, Plugin>();
  for (let after: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof listPlugins>> = await listPlugins(t.core, viewer, {
      filter,
      first: 100,
      after,
    });
    for (const { node } of page.edges) rows.set(node.id, node);
    if (!page.pageInfo.hasNextPage) return rows;
    after = page.pageInfo.endCursor;
  }
}

async function listedSupervisors(viewer: Viewer, filter?: SupervisorFilter): Promise<Map<string, Supervisor>> {
  const page = await listSupervisors(t.core, viewer, { filter, first: 100 });
  return new Map(page.edges.map(({ node }) => [node.id, node]));
}

function expectSame(entity: 'supervisor' | 'plugin', rows: Map<string, object>, listed: Map<string, object>): void {
  const sorted = (all: Map<string, object>) =>
    [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => seen(entity, row));
  expect(sorted(rows)).toEqual(sorted(listed));
}

describe('a snapshot of several pages', () => {
  test('joins the changes that are made while it is read, whichever page they fall into, without gap or overlap', async () => {
    const domain = newDomain();
    await publishMany(domain);
    const ids = [...(await listedPlugins(domain.viewer)).keys()].sort();
    const inPage = (page: 0 | 1 | 2, n: number) => ids[page * 500 + n] ?? '';
    const large = await t.db.prisma.supervisor.findFirstOrThrow({
      where: { domainId: domain.domainId, hostname: 'large' },
    });
    const insert = async (id: string) => {
      const data = { id, pluginId: id, version: '1', supervisorId: large.id, domainId: domain.domainId };
      await t.db.prisma.plugin.create({ data: { ...data, state: 'ACTIVE' } });
    };
    const remove = (...gone: string[]) => t.db.sql.query('DELETE FROM plugins WHERE id = ANY($1::text[])', [gone]);
    const tell = (id: string, message: string) =>
      t.db.sql.query('UPDATE plugins SET message = $2 WHERE id = $1', [id, message]);
    const [before, behind] = ['instance-0000000000000000', 'instance-ffffffffffffffff'];

    const stream = await watchPlugins(domain.viewer);
    const list = createList<Plugin>();
    for (const event of await take(stream, 10)) list.apply(event);
    // The first page has been read by now, and no other.
    await tell(inPage(0, 20), 'in the first page');
    await tell(inPage(2, 20), 'in the last page');
    await remove(inPage(0, 30), inPage(2, 30));
    await insert(before);
    await insert(behind);
    await remove(before, behind);
    await insert(before);
    await insert(behind);
    for (const event of await take(stream, 500)) list.apply(event);
    // Now the second one too.
    await tell(inPage(0, 20), 'again');
    await tell(inPage(1, 20), 'in the second page');
    await remove(inPage(1, 30), behind);
    const middle = await takeSnapshot(stream);
    for (const event of middle) list.apply(event);
    // At SYNCED the list is what it was at that cursor, and nothing has changed since.
    expectSame('plugin', list.rows, await listedPlugins(domain.viewer));
    expect(list.rows.get(inPage(0, 20))?.message).toBe('again');

    await report(t, domain, 'sentinel', { pluginId: 'sentinel' });
    expect(ofPlugin(await next(stream))).toBe('ADDED sentinel ACTIVE');
    // E3: who resumes at SYNCED is told nothing that the snapshot told.
    const resumed = await watchPlugins(domain.viewer, { after: cursorAt(middle.at(-1)) });
    expect(ofPlugin(await next(resumed))).toBe('ADDED sentinel ACTIVE');
  });

  test('has a page that is exactly full as its last', async () => {
    const domain = newDomain();
    const plugins = Array.from({ length: 500 }, (_, i) => ({
      pluginId: `p${i}`,
      version: '1',
      state: 'ACTIVE' as const,
    }));
    await publish(t, domain, { hostname: 'a', plugins });
    const stream = await watchPlugins(domain.viewer);
    expect((await take(stream, 501)).at(-1)?.type).toBe('SYNCED');
  });
});

describe('E3: resuming', () => {
  test('from SYNCED, and from each later event, gives exactly what came after it', async () => {
    const domain = newDomain();
    await report(t, domain, 'a', { state: 'PROVISIONING' });
    const filter = { state: { ne: 'ERROR' as const } };
    const stream = await watchPlugins(domain.viewer, { filter });
    const synced = (await takeSnapshot(stream)).at(-1);
    for (const state of ['ACTIVE', 'ERROR', 'ACTIVE', 'PROVISIONING', 'ERROR'] as const) {
      await report(t, domain, 'a', { state });
    }
    const whole = await take(stream, 5);
    expect(whole.map(({ type }) => type)).toEqual(['MODIFIED', 'REMOVED', 'ADDED', 'MODIFIED', 'REMOVED']);
    await report(t, domain, 'sentinel', { pluginId: 'sentinel' });
    const sentinel = await next(stream);
    for (const [place, event] of [synced, ...whole].entries()) {
      const resumed = await watchPlugins(domain.viewer, { filter, after: cursorAt(event) });
      expect(await take(resumed, whole.length - place + 1)).toEqual([...whole.slice(place), sentinel]);
    }
  });

  test('an idle watcher is told how far the log has come, and resumes from there', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const [domain, other] = [newDomain(), newDomain()];
    await publish(t, domain, { hostname: 'a' });
    const stream = await watchSupervisors(domain.viewer);
    const [, synced] = await takeSnapshot(stream);
    const coming = next(stream);
    await publish(t, other, { hostname: 'foreign' });
    const position = await t.core.hub.tail.catchUp();
    await vi.advanceTimersByTimeAsync(29_000);
    const bookmark = await coming;
    expect(bookmark).toEqual({ type: 'BOOKMARK', seq: position, domainId: null, id: null, row: null });
    expect(position).toBeGreaterThan(synced?.seq ?? 0);

    await publish(t, domain, { hostname: 'b' });
    const after = cursorAt(bookmark);
    expect(ofSupervisor(await next(await watchSupervisors(domain.viewer, { after })))).toBe('ADDED b');
    expect(ofSupervisor(await next(stream))).toBe('ADDED b');
  });

  test('sends no snapshot and no SYNCED', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'a' });
    const synced = (await takeSnapshot(await watchSupervisors(domain.viewer))).at(-1);
    const stream = await watchSupervisors(domain.viewer, { after: cursorAt(synced) });
    await publish(t, domain, { hostname: 'sentinel' });
    expect(ofSupervisor(await next(stream))).toBe('ADDED sentinel');
  });

  test('where history is no longer kept, or never was, is CURSOR_EXPIRED', async () => {
    const own = await openTestCore();
    try {
      const domain = newDomain();
      await publish(own, domain, { hostname: 'a' });
      const place = await own.core.hub.tail.catchUp();
      const watchAfter = (after: string) => supervisorWatch(own.core, domain.viewer, { after });
      expect(await refusalOf(watchAfter(encodeCursor('0123456789ab', place)))).toMatchObject({
        code: 'CURSOR_EXPIRED',
      });
      expect(await refusalOf(watchAfter(cursorOf(own.core, place + 1)))).toMatchObject({ code: 'CURSOR_EXPIRED' });
      expect(await refusalOf(watchAfter('nonsense'))).toMatchObject({ code: 'BAD_USER_INPUT', at: ['after'] });
      await publish(own, domain, { hostname: 'b' });
      own.advance(8 * 86_400_000);
      await trimHistory(own.core);
      expect(await refusalOf(watchAfter(cursorOf(own.core, place)))).toMatchObject({
        code: 'CURSOR_EXPIRED',
        details: { oldestCursor: cursorOf(own.core, place + 1) },
      });
      expect((await watchAfter(cursorOf(own.core, place + 1))).start).toBe(place + 1);
      // A new watch needs no history.
      const stream = await openStream(own.core, await supervisorWatch(own.core, domain.viewer, {}));
      expect((await takeSnapshot(stream)).at(-1)).toMatchObject({ type: 'SYNCED', seq: place + 1 });
      await stream.return?.();
    } finally {
      await own.close();
    }
  });
});

describe('access', () => {
  test('A2: nothing of another domain is seen, in the snapshot or after it, but by an ADMIN', async () => {
    const [own, other] = [newDomain(), newDomain()];
    await publish(t, other, { hostname: 'foreign 1', isPublic: true }, other.admin);
    await publish(t, own, { hostname: 'own 1' });
    const hostnames = { or: ['foreign', 'own'].map((startsWith) => ({ hostname: { startsWith } })) };
    const scoped = { and: [hostnames, { domainId: { in: [own.domainId, other.domainId] } }] };
    const mine = await watchSupervisors(own.viewer, { filter: scoped });
    const all = await watchSupervisors(own.admin, { filter: scoped });
    const named = await watchSupervisors(own.admin, { filter: scoped, domainId: other.domainId });
    await publish(t, other, { hostname: 'foreign 2' });
    await publish(t, own, { hostname: 'own 2' });
    await publish(t, other, { hostname: 'foreign 3' });
    const told = (events: WatchEvent<Supervisor>[]) => events.flatMap(({ row }) => row?.hostname ?? []).sort();
    expect(told(await take(mine, 3))).toEqual(['own 1', 'own 2']);
    expect(told(await take(all, 6))).toEqual(['foreign 1', 'foreign 2', 'foreign 3', 'own 1', 'own 2']);
    expect(told(await take(named, 4))).toEqual(['foreign 1', 'foreign 2', 'foreign 3']);
    // A sentinel for the one who must not have got more.
    await publish(t, own, { hostname: 'own 3' });
    expect(ofSupervisor(await next(mine))).toBe('ADDED own 3');
  });

  test('A2, A3: resuming with a cursor of another domain shows nothing of it', async () => {
    const [own, other] = [newDomain(), newDomain()];
    const place = await t.core.hub.tail.catchUp();
    await report(t, other, 'foreign', {});
    await report(t, own, 'own', { pluginId: 'mine' });
    const stream = await watchPlugins(own.viewer, { after: cursorOf(t.core, place) });
    expect(ofPlugin(await next(stream))).toBe('ADDED mine ACTIVE');
  });

  test('A1, A2: another domain is FORBIDDEN, and so is everything to an agent', async () => {
    const [own, other] = [newDomain(), newDomain()];
    const { domainId } = other;
    expect(await refusalOf(supervisorWatch(t.core, own.viewer, { domainId }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusalOf(pluginWatch(t.core, own.operator, { domainId }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusalOf(pluginWatch(t.core, own.agent, {}))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('a filter on related rows', () => {
  test('lets a change of a supervisor add and remove its plugins, in a row that can be resumed from its end only', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname: 'a' });
    const plugins = ['p0', 'p1', 'p2'].map((pluginId) => ({ pluginId, version: '1', state: 'ACTIVE' as const }));
    await publish(t, domain, { hostname: 'a', plugins });
    const filter: PluginFilter = { supervisor: { state: { eq: 'ENABLED' } }, pluginId: { ne: 'p2' } };
    const stream = await watchPlugins(domain.viewer, { filter });
    const snapshot = await takeSnapshot(stream);
    expect(snapshot.map(ofPlugin).sort()).toEqual(['ADDED p0 ACTIVE', 'ADDED p1 ACTIVE', 'SYNCED']);

    await disableSupervisor(t.core, domain.operator, { supervisorId });
    await updateSupervisor(t.core, domain.operator, { supervisorId, priority: 7 });
    await enableSupervisor(t.core, domain.operator, { supervisorId });
    const [gone, alsoGone, back, alsoBack] = await take(stream, 4);
    expect([gone, alsoGone].map((event) => event && ofPlugin(event))).toEqual(['REMOVED', 'REMOVED']);
    expect([back, alsoBack].map((event) => event && ofPlugin(event)).sort()).toEqual([
      'ADDED p0 ACTIVE',
      'ADDED p1 ACTIVE',
    ]);
    expect(gone?.seq).toBe((alsoGone?.seq ?? 0) - 1);
    const resumed = await watchPlugins(domain.viewer, { filter, after: cursorAt(gone) });
    expect(await take(resumed, 4)).toEqual([gone, alsoGone, back, alsoBack]);
    const after = await watchPlugins(domain.viewer, { filter, after: cursorAt(alsoGone) });
    expect(await take(after, 2)).toEqual([back, alsoBack]);
  });

  test('lets a change of a plugin add and remove its supervisor', async () => {
    const domain = newDomain();
    await report(t, domain, 'a', { state: 'ACTIVE' });
    const some = await watchSupervisors(domain.viewer, {
      filter: { plugins: { some: { state: { eq: 'ERROR' } } } },
    });
    const none = await watchSupervisors(domain.viewer, {
      filter: { not: { plugins: { some: { state: { eq: 'ERROR' } } } } },
    });
    expect((await takeSnapshot(some)).map(ofSupervisor)).toEqual(['SYNCED']);
    expect((await takeSnapshot(none)).map(ofSupervisor)).toEqual(['ADDED a', 'SYNCED']);
    await report(t, domain, 'a', { state: 'ERROR' });
    await report(t, domain, 'a', { state: 'ACTIVE' });
    expect((await take(some, 2)).map(ofSupervisor)).toEqual(['ADDED a', 'REMOVED']);
    expect((await take(none, 2)).map(ofSupervisor)).toEqual(['REMOVED', 'ADDED a']);
  });

  test('E3: each change is judged by the rows as they were then, whatever has become of them since', async () => {
    const domain = newDomain();
    await report(t, domain, 'a', { state: 'ACTIVE' });
    const filter: PluginFilter = { supervisor: { state: { eq: 'PENDING' } } };
    const synced = (await takeSnapshot(await watchPlugins(domain.viewer, { filter }))).at(-1);
    const supervisorId = (await listedSupervisors(domain.viewer)).keys().next().value ?? '';
    await report(t, domain, 'a', { state: 'ERROR' });
    await registerSupervisor(t.core, domain.operator, { supervisorId });
    await report(t, domain, 'a', { state: 'ACTIVE' });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId, force: true });
    await report(t, domain, 'sentinel', { pluginId: 'sentinel' });
    const resumed = await watchPlugins(domain.viewer, { filter, after: cursorAt(synced) });
    expect((await take(resumed, 3)).map(ofPlugin)).toEqual([
      'MODIFIED collector ERROR',
      'REMOVED',
      'ADDED sentinel ACTIVE',
    ]);
  });

  test('reads a supervisor once, however much has happened to it since a cursor', async () => {
    const statements: string[] = [];
    const own = await openTestCore({ database: { onQuery: (text) => statements.push(text) } });
    try {
      const domain = newDomain();
      const watched = () => ({ filter: { plugins: { some: { state: { eq: 'ERROR' as const } } } } });
      await report(own, domain, 'a', { state: 'ACTIVE' });
      const begun = await openStream(own.core, await supervisorWatch(own.core, domain.viewer, watched()));
      const synced = await next(begun);
      await begun.return?.();
      const states = Array.from({ length: 40 }, (_, i) => (i % 2 ? ('ACTIVE' as const) : ('ERROR' as const)));
      for (const state of states) await report(own, domain, 'a', { state });
      statements.length = 0;
      const after = cursorOf(own.core, synced.seq);
      const resumed = await openStream(
        own.core,
        await supervisorWatch(own.core, domain.viewer, { ...watched(), after }),
      );
      const told = (await take(resumed, 40)).map(({ type }) => type);
      expect(told).toEqual(states.map((state) => (state === 'ERROR' ? 'ADDED' : 'REMOVED')));
      expect(statements.filter((text) => text.includes('AS f(supervisor_id'))).toHaveLength(1);
      await resumed.return?.();
    } finally {
      await own.close();
    }
  });

  test('A3, A6: sees no other domain’s plugins, and no tags of another domain’s supervisor', async () => {
    const [owner, tenant] = [newDomain(), newDomain()];
    const { id } = await enabledSupervisor(t, owner, { hostname: 'a', tags: { secret: 1 } });
    const own = await insertManagedPlugin(t, { id, domainId: tenant.domainId });
    const bySecret = await watchPlugins(tenant.viewer, {
      filter: { or: [{ supervisor: { tags: { hasKey: 'secret' } } }, { pluginId: { eq: 'sentinel' } }] },
    });
    const byNeighbour = await watchSupervisors(owner.viewer, {
      filter: { or: [{ plugins: { some: { pluginId: { eq: own.pluginId } } } }, { hostname: { eq: 'sentinel' } }] },
    });
    expect((await takeSnapshot(bySecret)).map(ofPlugin)).toEqual(['SYNCED']);
    expect((await takeSnapshot(byNeighbour)).map(ofSupervisor)).toEqual(['SYNCED']);
    await updateSupervisor(t.core, owner.operator, { supervisorId: id, tags: { secret: 2 } });
    await recoverPlugin(t.core, tenant.operator, {
      supervisorId: id,
      pluginId: own.pluginId,
      version: own.version,
    });
    await report(t, tenant, 'sentinel', { pluginId: 'sentinel' });
    await publish(t, owner, { hostname: 'sentinel' });
    expect(ofPlugin(await next(bySecret))).toBe('ADDED sentinel ACTIVE');
    expect(ofSupervisor(await next(byNeighbour))).toBe('ADDED sentinel');
  });
});

test('E5: a watcher too slow for its buffer gets SLOW_CONSUMER, and resumes from its cursor with no loss and no repeat', async () => {
  const own = await openTestCore({ settings: { subscriptionBufferEvents: 5 } });
  try {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(own, domain, { hostname: 'a' });
    const change = (priority: number) => updateSupervisor(own.core, domain.operator, { supervisorId, priority });
    const stream = await openStream(own.core, await supervisorWatch(own.core, domain.viewer, {}));
    // Attached, and not read: what changes now is in the snapshot, and overflows the buffer all the same.
    for (let priority = 1; priority <= 8; priority++) await change(priority);
    await own.core.hub.tail.catchUp();
    const list = createList<Supervisor>();
    for (const event of await takeSnapshot(stream)) list.apply(event);
    expect(list.rows.get(supervisorId)?.priority).toBe(8);
    const refusal = await refusalOf(next(stream));
    expect(refusal).toMatchObject({ code: 'SLOW_CONSUMER', details: { lastCursor: list.cursor } });
    await change(9);
    const resumed = await openStream(own.core, await supervisorWatch(own.core, domain.viewer, { after: list.cursor }));
    list.apply(await next(resumed));
    expect(list.rows.get(supervisorId)?.priority).toBe(9);
    await resumed.return?.();
    expect(own.core.hub.subscriptions).toBe(0);
  } finally {
    await own.close();
  }
});

const hostnames = ['h0', 'h1', 'h2', 'h3', 'h4'];
const pluginIds = ['p0', 'p1', 'p2'];
const messages = [null, '', 'a', 'Ä'];

function randomSupervisorFilter(random: Random, depth = 2): SupervisorFilter {
  const nested = () => randomSupervisorFilter(random, depth - 1);
  return random.one<() => SupervisorFilter>([
    () => ({ state: { in: random.some(Object.values(SupervisorState)) } }),
    () => ({ state: { ne: random.one(Object.values(SupervisorState)) } }),
    () => ({ hostname: { in: random.some(hostnames) } }),
    () => ({ name: { contains: random.one(['1', 'h', 'H']), insensitive: random.one([true, false]) } }),
    () => ({ priority: { gt: random.below(4) } }),
    () => ({ labels: { contains: { env: random.one(['prod', 'test']) } } }),
    () => ({ tags: { hasKey: random.one(['x', 'y']) } }),
    () => ({ registeredAt: { isNull: random.one([true, false]) } }),
    () => ({}),
    ...(depth > 0
      ? [
          () => ({ not: nested() }),
          () => ({ and: [nested(), nested()] }),
          () => ({ or: [nested(), nested()] }),
          () => ({ plugins: { [random.one(['some', 'none', 'every'])]: randomPluginFilter(random, depth - 1) } }),
        ]
      : []),
  ])();
}

function randomPluginFilter(random: Random, depth = 2): PluginFilter {
  const nested = () => randomPluginFilter(random, depth - 1);
  return random.one<() => PluginFilter>([
    () => ({ state: { in: random.some(Object.values(PluginState)) } }),
    () => ({ pluginId: { ne: random.one(pluginIds) } }),
    () => ({ message: { isNull: random.one([true, false]) } }),
    () => ({ message: { eq: 'ä', insensitive: random.one([true, false]) } }),
    () => ({ generation: { gte: 1 + random.below(3) } }),
    () => ({ observedGeneration: { lt: 1 + random.below(3) } }),
    () => ({ endpoint: { startsWith: random.one(['grpc://a', 'grpc://b']) } }),
    () => ({ reason: { isNull: random.one([true, false]) } }),
    () => ({}),
    ...(depth > 0
      ? [
          () => ({ not: nested() }),
          () => ({ and: [nested(), nested()] }),
          () => ({ or: [nested(), nested()] }),
          () => ({ supervisor: randomSupervisorFilter(random, depth - 1) }),
        ]
      : []),
  ])();
}

/**
 * Does something to some supervisor; what its state refuses is as good as anything else. Only `own` ones are published,
 * recovered and deregistered: what one writer refuses another here doesn't take away meanwhile.
 */
async function operate(domain: TestDomain, random: Random, own: readonly string[]): Promise<void> {
  const hostname = random.one(random.below(2) === 0 ? own : hostnames);
  const publishSome = () =>
    publish(t, domain, {
      hostname,
      labels: { env: random.one(['prod', 'test', 'dev']) },
      plugins: random.some(pluginIds).map((pluginId) => ({
        pluginId,
        version: '1',
        state: random.one(['PROVISIONING', 'ACTIVE', 'ERROR'] as const),
        message: random.one(messages),
        endpoint: random.one([null, 'grpc://a:1', 'grpc://b:1']),
        observedGeneration: random.one([null, 1, 2, 3]),
      })),
    });
  const found = await t.db.prisma.supervisor.findFirst({ where: { domainId: domain.domainId, hostname } });
  const target = { supervisorId: found?.id ?? 'supervisor-000000000000' };
  const { core } = t;
  const recover = () =>
    recoverPlugin(core, domain.operator, { ...target, pluginId: random.one(pluginIds), version: '1' });
  const work = random.one<() => Promise<unknown>>([
    ...(own.includes(hostname) ? [publishSome, publishSome, publishSome, publishSome, recover] : []),
    () => registerSupervisor(core, domain.operator, { ...target, name: `named ${hostname}` }),
    () => updateSupervisor(core, domain.operator, { ...target, labels: { env: random.one(['prod', 'test']) } }),
    () => updateSupervisor(core, domain.operator, { ...target, tags: { [random.one(['x', 'y'])]: null } }),
    () =>
      updateSupervisor(core, domain.operator, { ...target, priority: random.below(5), name: `H${random.below(3)}` }),
    () => disableSupervisor(core, domain.operator, target),
    () => enableSupervisor(core, domain.operator, target),
    ...(own.includes(hostname) && random.below(3) === 0
      ? [() => deregisterSupervisor(core, domain.operator, { ...target, force: true })]
      : []),
  ]);
  await work().catch((error: unknown) => {
    if (!(error instanceof DomainError) || error.code === 'INTERNAL_SERVER_ERROR') throw error;
  });
}

/** Reads at its own pace, letting go and resuming now and then, until the sentinel is told. */
async function keepList<Row extends { id: string }>(
  random: Random,
  start: (after?: string) => Promise<Stream<Row>>,
  isSentinel: (row: Row) => boolean,
): Promise<Map<string, Row>> {
  const list = createList<Row>();
  let stream = await start();
  for (;;) {
    const event = await next(stream);
    list.apply(event);
    if (event.row && isSentinel(event.row) && list.synced) return list.rows;
    for (let pause = random.below(4); pause > 0; pause--) await setImmediate();
    if (list.synced && random.below(12) === 0) {
      await stream.return?.();
      stream = await start(list.cursor);
      list.resume();
    }
  }
}

test.each([1, 2, 3, 4])(
  'whatever happens, and whenever a watch begins or resumes, its list is what the same filter lists: seed %i',
  async (seed) => {
    const domain = newDomain();
    const random = createRandom(seed);
    // PGlite has one connection: there, writers only take turns.
    const writers = testDatabaseKind() === 'postgresql' ? 4 : 1;
    const operations = testDatabaseKind() === 'postgresql' ? 50 : 90;
    const begun: Promise<() => Promise<void>>[] = [];

    /** A failure is told where it is waited for, at the end. */
    function keep(check: Promise<() => Promise<void>>): void {
      check.catch(() => {});
      begun.push(check);
    }

    function beginWatch(): void {
      const own = createRandom(random.below(1_000_000));
      if (own.below(2) === 0) {
        const filter: SupervisorFilter = { or: [randomSupervisorFilter(own), { hostname: { eq: 'sentinel' } }] };
        const kept = keepList(
          own,
          (after) => watchSupervisors(domain.viewer, { filter, after }),
          ({ hostname }) => hostname === 'sentinel',
        );
        keep(
          kept.then(
            (rows) => async () => expectSame('supervisor', rows, await listedSupervisors(domain.viewer, filter)),
          ),
        );
      } else {
        const filter: PluginFilter = { or: [randomPluginFilter(own), { pluginId: { eq: 'sentinel' } }] };
        const kept = keepList(
          own,
          (after) => watchPlugins(domain.viewer, { filter, after }),
          ({ pluginId }) => pluginId === 'sentinel',
        );
        keep(kept.then((rows) => async () => expectSame('plugin', rows, await listedPlugins(domain.viewer, filter))));
      }
    }

    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        const hosts = hostnames.filter((_host, i) => i % writers === writer);
        const own = createRandom(random.below(1_000_000));
        for (let done = 0; done < operations; done++) {
          if (done === 0 || own.below(6 * writers) === 0) beginWatch();
          await operate(domain, own, hosts);
        }
      }),
    );
    await report(t, domain, 'sentinel', { pluginId: 'sentinel' });
    const checks = await Promise.all(begun);
    expect(checks.length).toBeGreaterThan(3);
    for (const check of checks) await check();
  },
);
