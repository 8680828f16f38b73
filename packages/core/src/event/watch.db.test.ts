import type { Supervisor } from '@muster/db';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  openTestCore,
  pluginIn,
  publish,
  refusalOf,
  reportPlugin,
  useTestCore,
} from '../../testing/testCore.ts';
import {
  createList,
  createWatching,
  next,
  ofPlugin,
  ofSupervisor,
  take,
  takeSnapshot,
} from '../../testing/watching.ts';
import type { PluginFilter, SupervisorFilter } from '../query/filter.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor } from '../supervisor/enable.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { encodeCursor } from './cursor.ts';
import { cursorOf } from './read.ts';
import { openStream } from './stream.ts';
import { trimHistory } from './trim.ts';
import { pluginWatch, supervisorWatch } from './watch.ts';
import type { WatchEvent } from './watchEvent.ts';

// Only NOTIFY wakes the tail here: what passes these tests doesn't pass by polling.
const t = useTestCore({ settings: { eventPollMs: 1_000_000, subscriptionBufferEvents: 100_000 } });
let watching: ReturnType<typeof createWatching>;
beforeAll(async () => {
  watching = createWatching(t.core);
});
afterEach(async () => {
  vi.useRealTimers();
  await watching.closeAll();
  expect(t.core.hub.openQueues).toBe(0);
});

describe('a watch', () => {
  test('sends ADDED for each row that matches, then SYNCED, and then every change', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname: 'a', tags: { secret: 1 } });
    await publish(t, domain, { hostname: 'b' });
    const stream = await watching.watchSupervisors(domain.viewer);
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
    const stream = await watching.watchPlugins(domain.viewer);
    expect((await take(stream, 1)).map(ofPlugin)).toEqual(['SYNCED']);
    await reportPlugin(t, domain, 'a', { state: 'PROVISIONING' });
    await reportPlugin(t, domain, 'a', { state: 'ACTIVE' });
    expect((await take(stream, 2)).map(ofPlugin)).toEqual([
      'ADDED collector PROVISIONING',
      'MODIFIED collector ACTIVE',
    ]);
  });

  test('L2: a heartbeat in which nothing changed sends nothing', async () => {
    const domain = newDomain();
    await reportPlugin(t, domain, 'a', {});
    const [supervisors, plugins] = [
      await watching.watchSupervisors(domain.viewer),
      await watching.watchPlugins(domain.viewer),
    ];
    await Promise.all([takeSnapshot(supervisors), takeSnapshot(plugins)]);
    await reportPlugin(t, domain, 'a', {});
    await reportPlugin(t, domain, 'sentinel', { pluginId: 'sentinel' });
    expect(ofSupervisor(await next(supervisors))).toBe('ADDED sentinel');
    expect(ofPlugin(await next(plugins))).toBe('ADDED sentinel ACTIVE');
  });

  test('an id in the order of its snapshot comes once, and no row of the other entity', async () => {
    const domain = newDomain();
    for (const hostname of ['a', 'b', 'c']) await reportPlugin(t, domain, hostname, {});
    const events = await takeSnapshot(await watching.watchPlugins(domain.viewer));
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
    const stream = await watching.watchSupervisors(domain.viewer, {
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
    const stream = await watching.watchPlugins(domain.viewer, {
      filter: { or: [filter, { pluginId: { eq: 'sentinel' } }] },
    });
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
  const until = await watching.watchPlugins(domain.viewer, { filter: { updatedAt: { lte: plugin.updatedAt } } });
  const since = await watching.watchPlugins(domain.viewer, {
    filter: { stateChangedAt: { gt: plugin.stateChangedAt } },
  });
  expect((await takeSnapshot(until)).map(ofPlugin)).toEqual(['ADDED collector ACTIVE', 'SYNCED']);
  expect((await takeSnapshot(since)).map(ofPlugin)).toEqual(['SYNCED']);
  await reportPlugin(t, domain, 'a', { message: 'no other state' });
  await reportPlugin(t, domain, 'a', { state: 'ERROR' });
  expect(await next(until)).toMatchObject({ type: 'REMOVED', id: plugin.id });
  expect(ofPlugin(await next(since))).toBe('ADDED collector ERROR');
});

describe('E3: resuming', () => {
  test('from SYNCED, and from each later event, gives exactly what came after it', async () => {
    const domain = newDomain();
    await reportPlugin(t, domain, 'a', { state: 'PROVISIONING' });
    const filter = { state: { ne: 'ERROR' as const } };
    const stream = await watching.watchPlugins(domain.viewer, { filter });
    const synced = (await takeSnapshot(stream)).at(-1);
    for (const state of ['ACTIVE', 'ERROR', 'ACTIVE', 'PROVISIONING', 'ERROR'] as const) {
      await reportPlugin(t, domain, 'a', { state });
    }
    const whole = await take(stream, 5);
    expect(whole.map(({ type }) => type)).toEqual(['MODIFIED', 'REMOVED', 'ADDED', 'MODIFIED', 'REMOVED']);
    await reportPlugin(t, domain, 'sentinel', { pluginId: 'sentinel' });
    const sentinel = await next(stream);
    for (const [place, event] of [synced, ...whole].entries()) {
      const resumed = await watching.watchPlugins(domain.viewer, { filter, after: watching.cursorAt(event) });
      expect(await take(resumed, whole.length - place + 1)).toEqual([...whole.slice(place), sentinel]);
    }
  });

  test('an idle watcher is told how far the log has come, and resumes from there', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const [domain, other] = [newDomain(), newDomain()];
    await publish(t, domain, { hostname: 'a' });
    const stream = await watching.watchSupervisors(domain.viewer);
    const [, synced] = await takeSnapshot(stream);
    const coming = next(stream);
    await publish(t, other, { hostname: 'foreign' });
    const position = await t.core.hub.tail.catchUp();
    await vi.advanceTimersByTimeAsync(29_000);
    const bookmark = await coming;
    expect(bookmark).toEqual({ type: 'BOOKMARK', seq: position, domainId: null, id: null, row: null });
    expect(position).toBeGreaterThan(synced?.seq ?? 0);

    await publish(t, domain, { hostname: 'b' });
    const after = watching.cursorAt(bookmark);
    expect(ofSupervisor(await next(await watching.watchSupervisors(domain.viewer, { after })))).toBe('ADDED b');
    expect(ofSupervisor(await next(stream))).toBe('ADDED b');
  });

  test('sends no snapshot and no SYNCED', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'a' });
    const synced = (await takeSnapshot(await watching.watchSupervisors(domain.viewer))).at(-1);
    const stream = await watching.watchSupervisors(domain.viewer, { after: watching.cursorAt(synced) });
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
      expect(
        await refusalOf(watchAfter(encodeCursor({ ...own.core.hub.tail.log, logId: '0123456789ab' }, place))),
      ).toMatchObject({
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
      expect((await watchAfter(cursorOf(own.core, place + 1))).afterSeq).toBe(place + 1);
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
    const mine = await watching.watchSupervisors(own.viewer, { filter: scoped });
    const all = await watching.watchSupervisors(own.admin, { filter: scoped });
    const named = await watching.watchSupervisors(own.admin, { filter: scoped, domainId: other.domainId });
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
    await reportPlugin(t, other, 'foreign', {});
    await reportPlugin(t, own, 'own', { pluginId: 'mine' });
    const stream = await watching.watchPlugins(own.viewer, { after: cursorOf(t.core, place) });
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
    const list = createList<Supervisor>(own.core);
    for (const event of await takeSnapshot(stream)) list.apply(event);
    expect(list.rows.get(supervisorId)?.priority).toBe(8);
    const refusal = await refusalOf(next(stream));
    expect(refusal).toMatchObject({ code: 'SLOW_CONSUMER', details: { lastCursor: list.cursor } });
    await change(9);
    const resumed = await openStream(own.core, await supervisorWatch(own.core, domain.viewer, { after: list.cursor }));
    list.apply(await next(resumed));
    expect(list.rows.get(supervisorId)?.priority).toBe(9);
    await resumed.return?.();
    expect(own.core.hub.openQueues).toBe(0);
  } finally {
    await own.close();
  }
});
