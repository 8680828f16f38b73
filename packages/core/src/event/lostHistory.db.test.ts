import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFollowing, takeChanges } from '../../testing/following.ts';
import {
  enabledSupervisor,
  newDomain,
  openReplica,
  openTestCore,
  publish,
  refusalOf,
  type TestCore,
} from '../../testing/testCore.ts';
import { watchAssignments } from '../assignment/assignments.ts';
import { acquirePluginEndpoint } from '../placement/endpoint/acquire.ts';
import { expireCursors } from './sql/expireCursors.ts';
import { readLogBounds } from './sql/readLogBounds.ts';
import { supervisorStates } from './stateChanges.ts';
import { supervisorWatch } from './watch.ts';

const warnings: string[] = [];
let t: TestCore;
let following: ReturnType<typeof createFollowing>;
beforeEach(async () => {
  warnings.length = 0;
  t = await openTestCore({ onWarning: (message) => warnings.push(message) });
  following = createFollowing(t);
});
afterEach(async () => {
  await following.closeAll();
  expect(t.core.hub.openQueues).toBe(0);
  await t.close();
});

/** Takes the newest events out of the log, as a crash does with commits that were not on the disk yet. */
const lose = (count: number) =>
  t.db.sql.query('DELETE FROM events WHERE seq > (SELECT max(seq) FROM events) - $1::int', [count]);
/** The next change is the first one after what PostgreSQL takes for a restart. */
const restart = () => t.db.sql.query(`UPDATE event_log SET origin = 'an earlier run'`);

describe('O5: where the log ends before what a server has read', () => {
  test('its readers end with CURSOR_EXPIRED, cursors of before no longer count, and who starts anew misses nothing', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
    const before = await following.headCursor();
    const changes = await following.follow(domain);
    const watch = await following.open(await supervisorWatch(t.core, domain.viewer, {}));
    const list = await following.open(await watchAssignments(t.core, domain.operator, { supervisorId: id }));
    expect([(await watch.next()).value?.type, (await watch.next()).value?.type]).toEqual(['ADDED', 'SYNCED']);
    await list.next();
    await following.toggle(id, 3);
    await takeChanges(changes, 3);
    const lost = await following.headCursor();
    for (let i = 0; i < 3; i++) await watch.next();

    await lose(2);
    await t.core.hub.tail.catchUp();
    for (const stream of [changes, watch, list]) {
      const refusal = await refusalOf(stream.next());
      expect(refusal.code).toBe('CURSOR_EXPIRED');
      await following.follow(domain, { after: String(refusal.details.oldestCursor) });
    }
    expect(warnings).toEqual([
      expect.stringMatching(/^the event log goes on from event \d+, in epoch \d+-[0-9a-f]{8}/),
    ]);
    // Past the place that was lost, so that its number alone would look right.
    await following.toggle(id, 6);
    for (const after of [before, lost]) {
      expect(await refusalOf(supervisorStates(t.core, domain.viewer, { after }))).toMatchObject({
        code: 'CURSOR_EXPIRED',
      });
    }
    const place = await following.headCursor();
    const anew = await following.follow(domain, { after: place });
    await following.toggle(id, 1);
    await takeChanges(anew, 1);
  });

  test('every server notices, and they begin one epoch together', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
    const other = await openReplica(t.db);
    await following.toggle(id, 3);
    await Promise.all([t.core.hub.tail.catchUp(), other.core.hub.tail.catchUp()]);
    const { epoch } = t.core.hub.tail.log;
    await lose(1);
    await Promise.all([t.core.hub.tail.catchUp(), other.core.hub.tail.catchUp()]);
    expect(t.core.hub.tail.log.epoch).not.toBe(epoch);
    expect(other.core.hub.tail.log).toEqual(t.core.hub.tail.log);
    await other.close();
  });

  test('a caller who waits for an endpoint waits on', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
    const wanted = { pluginId: 'p', version: '1', waitSeconds: 60 };
    const waiting = acquirePluginEndpoint(t.core, domain.operator, wanted);
    await expect.poll(() => t.core.endpointWaits.size).toBe(1);
    await expect.poll(async () => (await t.db.sql.query('SELECT FROM plugins')).length).toBe(1);
    await t.core.hub.tail.catchUp();
    await lose(1);
    await t.core.hub.tail.catchUp();
    await publish(t, domain, {
      hostname: 'a',
      plugins: [{ pluginId: 'p', version: '1', state: 'ACTIVE', endpoint: 'grpc://a:1', observedGeneration: 1 }],
    });
    expect(await waiting).toMatchObject({ endpoint: 'grpc://a:1' });
    expect(id).toBeTruthy();
  });
});

describe('O5: where PostgreSQL was only restarted', () => {
  test('an epoch begins with the next change, readers go on, and cursors of before count', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
    const changes = await following.follow(domain);
    const before = await following.headCursor();
    const { epoch } = t.core.hub.tail.log;
    await restart();
    await following.toggle(id, 2);
    expect(await takeChanges(changes, 2)).toHaveLength(2);
    const bounds = await readLogBounds(t.db.sql);
    expect(bounds.epoch).not.toBe(epoch);
    expect(bounds.pastEpochs.at(-1)).toEqual({ epoch, through: bounds.headSeq - 2 });
    expect(await takeChanges(await following.follow(domain, { after: before }), 2)).toHaveLength(2);
    expect(warnings).toEqual([]);
  });

  test('a cursor from beyond the end of an epoch is CURSOR_EXPIRED, however long the log is by then', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
    await following.toggle(id, 2);
    const lost = await following.headCursor();
    await lose(1);
    await restart();
    await following.toggle(id, 3);
    expect(await refusalOf(supervisorStates(t.core, domain.viewer, { after: lost }))).toMatchObject({
      code: 'CURSOR_EXPIRED',
    });
  });
});

test('O5: once the log is renewed, every cursor of before is CURSOR_EXPIRED, and readers end so', async () => {
  const domain = newDomain();
  const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
  const changes = await following.follow(domain);
  const before = await following.headCursor();
  await expireCursors(t.db.sql);
  await t.core.hub.tail.catchUp();
  expect(await refusalOf(changes.next())).toMatchObject({ code: 'CURSOR_EXPIRED' });
  expect(await refusalOf(supervisorStates(t.core, domain.viewer, { after: before }))).toMatchObject({
    code: 'CURSOR_EXPIRED',
  });
  const anew = await following.follow(domain, { after: await following.headCursor() });
  await following.toggle(id, 1);
  await takeChanges(anew, 1);
});

test('O5: a sequence that a restore put back is put behind the last event as a server starts', async () => {
  const domain = newDomain();
  const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
  await following.toggle(id, 5);
  await t.db.sql.query(`SELECT setval('events_seq', 1)`);
  await expect(following.toggle(id, 1)).rejects.toThrow('duplicate key');
  await (await openReplica(t.db)).close();
  await following.toggle(id, 1);
});
