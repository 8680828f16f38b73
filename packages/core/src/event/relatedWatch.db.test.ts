import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  openTestCore,
  publish,
  reportPlugin,
  useTestCore,
} from '../../testing/testCore.ts';
import {
  createWatching,
  listedSupervisors,
  next,
  ofPlugin,
  ofSupervisor,
  take,
  takeSnapshot,
} from '../../testing/watching.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import type { PluginFilter } from '../query/filter.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { registerSupervisor } from '../supervisor/register.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { cursorOf } from './read.ts';
import { openStream } from './stream.ts';
import { supervisorWatch } from './watch.ts';

// Only NOTIFY wakes the tail here: what passes these tests doesn't pass by polling.
const t = useTestCore({ settings: { eventPollMs: 1_000_000, subscriptionBufferEvents: 100_000 } });
let watching: ReturnType<typeof createWatching>;
beforeAll(async () => {
  watching = createWatching(t.core);
});
afterEach(async () => {
  await watching.closeAll();
  expect(t.core.hub.openQueues).toBe(0);
});

describe('a filter on related rows', () => {
  test('lets a change of a supervisor add and remove its plugins, in a row that can be resumed from its end only', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname: 'a' });
    const plugins = ['p0', 'p1', 'p2'].map((pluginId) => ({ pluginId, version: '1', state: 'ACTIVE' as const }));
    await publish(t, domain, { hostname: 'a', plugins });
    const filter: PluginFilter = { supervisor: { state: { eq: 'ENABLED' } }, pluginId: { ne: 'p2' } };
    const stream = await watching.watchPlugins(domain.viewer, { filter });
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
    const resumed = await watching.watchPlugins(domain.viewer, { filter, after: watching.cursorAt(gone) });
    expect(await take(resumed, 4)).toEqual([gone, alsoGone, back, alsoBack]);
    const after = await watching.watchPlugins(domain.viewer, { filter, after: watching.cursorAt(alsoGone) });
    expect(await take(after, 2)).toEqual([back, alsoBack]);
  });

  test('lets a change of a plugin add and remove its supervisor', async () => {
    const domain = newDomain();
    await reportPlugin(t, domain, 'a', { state: 'ACTIVE' });
    const some = await watching.watchSupervisors(domain.viewer, {
      filter: { plugins: { some: { state: { eq: 'ERROR' } } } },
    });
    const none = await watching.watchSupervisors(domain.viewer, {
      filter: { not: { plugins: { some: { state: { eq: 'ERROR' } } } } },
    });
    expect((await takeSnapshot(some)).map(ofSupervisor)).toEqual(['SYNCED']);
    expect((await takeSnapshot(none)).map(ofSupervisor)).toEqual(['ADDED a', 'SYNCED']);
    await reportPlugin(t, domain, 'a', { state: 'ERROR' });
    await reportPlugin(t, domain, 'a', { state: 'ACTIVE' });
    expect((await take(some, 2)).map(ofSupervisor)).toEqual(['ADDED a', 'REMOVED']);
    expect((await take(none, 2)).map(ofSupervisor)).toEqual(['REMOVED', 'ADDED a']);
  });

  test('E3: each change is judged by the rows as they were then, whatever has become of them since', async () => {
    const domain = newDomain();
    await reportPlugin(t, domain, 'a', { state: 'ACTIVE' });
    const filter: PluginFilter = { supervisor: { state: { eq: 'PENDING' } } };
    const synced = (await takeSnapshot(await watching.watchPlugins(domain.viewer, { filter }))).at(-1);
    const supervisorId = (await listedSupervisors(t.core, domain.viewer)).keys().next().value ?? '';
    await reportPlugin(t, domain, 'a', { state: 'ERROR' });
    await registerSupervisor(t.core, domain.operator, { supervisorId });
    await reportPlugin(t, domain, 'a', { state: 'ACTIVE' });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId, force: true });
    await reportPlugin(t, domain, 'sentinel', { pluginId: 'sentinel' });
    const resumed = await watching.watchPlugins(domain.viewer, { filter, after: watching.cursorAt(synced) });
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
      await reportPlugin(own, domain, 'a', { state: 'ACTIVE' });
      const begun = await openStream(own.core, await supervisorWatch(own.core, domain.viewer, watched()));
      const synced = await next(begun);
      await begun.return?.();
      const states = Array.from({ length: 40 }, (_, i) => (i % 2 ? ('ACTIVE' as const) : ('ERROR' as const)));
      for (const state of states) await reportPlugin(own, domain, 'a', { state });
      // So that all of it is history; what comes live is read on its own.
      await own.core.hub.tail.catchUp();
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
    const bySecret = await watching.watchPlugins(tenant.viewer, {
      filter: { or: [{ supervisor: { tags: { hasKey: 'secret' } } }, { pluginId: { eq: 'sentinel' } }] },
    });
    const byNeighbour = await watching.watchSupervisors(owner.viewer, {
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
    await reportPlugin(t, tenant, 'sentinel', { pluginId: 'sentinel' });
    await publish(t, owner, { hostname: 'sentinel' });
    expect(ofPlugin(await next(bySecret))).toBe('ADDED sentinel ACTIVE');
    expect(ofSupervisor(await next(byNeighbour))).toBe('ADDED sentinel');
  });
});
