import type { Plugin } from '@muster/db';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { newDomain, publish, reportPlugin, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import {
  createList,
  createWatching,
  expectSame,
  listedPlugins,
  next,
  ofPlugin,
  take,
  takeSnapshot,
} from '../../testing/watching.ts';

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

describe('a snapshot of several pages', () => {
  test('joins the changes that are made while it is read, whichever page they fall into, without gap or overlap', async () => {
    const domain = newDomain();
    await publishMany(domain);
    const ids = [...(await listedPlugins(t.core, domain.viewer)).keys()].sort();
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

    const stream = await watching.watchPlugins(domain.viewer);
    const list = createList<Plugin>(t.core);
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
    expectSame('plugin', list.rows, await listedPlugins(t.core, domain.viewer));
    expect(list.rows.get(inPage(0, 20))?.message).toBe('again');

    await reportPlugin(t, domain, 'sentinel', { pluginId: 'sentinel' });
    expect(ofPlugin(await next(stream))).toBe('ADDED sentinel ACTIVE');
    // E3: a watch that resumes at SYNCED repeats nothing of the snapshot.
    const resumed = await watching.watchPlugins(domain.viewer, { after: watching.cursorAt(middle.at(-1)) });
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
    const stream = await watching.watchPlugins(domain.viewer);
    expect((await take(stream, 501)).at(-1)?.type).toBe('SYNCED');
  });
});
