import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { brief, createFollowing, takeChanges } from '../../testing/following.ts';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  openReplica,
  publish,
  refusalOf,
  useTestCore,
} from '../../testing/testCore.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import type { SupervisorChange } from './change.ts';
import { encodeCursor } from './cursor.ts';
import { cursorOf } from './read.ts';
import { readLogBounds } from './sql/readLogBounds.ts';
import { pluginStates, type SupervisorEventFilter, supervisorStates } from './stateChanges.ts';

const t = useTestCore({
  // Only NOTIFY wakes the tail here: what passes these tests doesn't pass by polling.
  settings: { eventPollMs: 1_000_000, subscriptionBufferEvents: 5_000 },
});
let following: ReturnType<typeof createFollowing>;
beforeAll(async () => {
  following = createFollowing(t);
});
afterEach(async () => {
  await following.closeAll();
  expect(t.core.hub.openQueues).toBe(0);
});

const hostname = 'host-1';

describe('a subscription', () => {
  test('tells each change of state from now on, with who, why and the supervisor as of then', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'earlier' });
    const changes = await following.follow(domain);
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await updateSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, name: 'mine' });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id });
    const taken = await takeChanges(changes, 3);
    expect(taken.map(brief)).toEqual(['NONE>PENDING', 'PENDING>ENABLED', 'ENABLED>NONE']);
    expect(taken.map(({ actor, reason }) => [actor, reason])).toEqual([
      [domain.agent.subject, 'PUBLISHED'],
      [domain.operator.subject, 'REGISTERED'],
      [domain.operator.subject, 'DEREGISTERED'],
    ]);
    expect(taken.map((change) => [change.supervisor.name, change.supervisor.state])).toEqual([
      [hostname, 'PENDING'],
      [hostname, 'ENABLED'],
      ['mine', 'ENABLED'],
    ]);
    expect(taken[1]?.supervisor).toMatchObject({ secretHash: null, registeredAt: supervisor.registeredAt });
  });

  test('of plugins tells creation, changes and deletion', async () => {
    const domain = newDomain();
    const filter = { pluginId: { eq: 'p' } };
    const changes = await following.open(await pluginStates(t.core, domain.viewer, { filter }));
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, supervisor, { pluginId: 'other' });
    for (const state of ['PROVISIONING', 'ACTIVE'] as const) {
      await publish(t, domain, { hostname, plugins: [{ pluginId: 'p', version: '1', state }] });
    }
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, force: true });
    const taken = await takeChanges(changes, 3);
    expect(taken.map(brief)).toEqual(['NONE>PROVISIONING', 'PROVISIONING>ACTIVE', 'ACTIVE>NONE']);
    expect(taken[1]?.plugin).toMatchObject({ pluginId: 'p', state: 'ACTIVE', supervisorId: supervisor.id });
    expect(taken[1]?.plugin.stateChangedAt).toBeInstanceOf(Date);
  });

  test('A2: tells nothing of other domains, but to an ADMIN of none', async () => {
    const [own, other] = [newDomain(), newDomain()];
    const changes = await following.follow(own);
    const all = await following.open(await supervisorStates(t.core, own.admin, {}));
    await publish(t, other, { hostname: 'foreign', isPublic: true }, other.admin);
    await publish(t, own, { hostname: 'sentinel' });
    expect((await takeChanges(changes, 1)).map(({ supervisor }) => supervisor.hostname)).toEqual(['sentinel']);
    expect((await takeChanges(all, 2)).map(({ supervisor }) => supervisor.hostname)).toEqual(['foreign', 'sentinel']);
  });

  test.each<[string, SupervisorEventFilter, string[]]>([
    ['to', { to: { eq: 'DISABLED' } }, ['ENABLED>DISABLED']],
    ['from NONE', { from: { eq: 'NONE' } }, ['NONE>PENDING']],
    ['to NONE', { to: { in: ['NONE'] } }, ['DISABLED>NONE']],
    ['reason', { reason: { startsWith: 'REGI' } }, ['PENDING>ENABLED']],
    ['actor', { actor: { startsWith: 'supervisor@' } }, ['NONE>PENDING']],
    ['hostname', { hostname: { contains: 'OST-', insensitive: true }, to: { eq: 'NONE' } }, ['DISABLED>NONE']],
    [
      'labels',
      { labels: { contains: { a: [1] } }, from: { ne: 'NONE' }, to: { ne: 'NONE' } },
      ['PENDING>ENABLED', 'ENABLED>DISABLED'],
    ],
    ['labels', { labels: { hasKey: 'b' } }, []],
    ['isPublic', { isPublic: { eq: true } }, []],
  ])('filters by %s: %j', async (_, filter, expected) => {
    const domain = newDomain();
    const changes = await following.follow(domain, { filter: { ...filter } });
    const after = await following.headCursor();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname, labels: { a: [1, 2] } });
    await disableSupervisor(t.core, domain.operator, { supervisorId });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId });
    // Once a subscription to everything has delivered the sentinel, nothing further can come.
    await publish(t, domain, { hostname: 'sentinel' });
    await takeChanges(await following.follow(domain, { after }), 5);
    await changes.return?.();
    const again = await following.follow(domain, { filter, after });
    expect((await takeChanges(again, expected.length)).map(brief)).toEqual(expected);
  });

  test('a filter larger than the limits is refused before anything is attached', async () => {
    const domain = newDomain();
    const filter = { name: { in: Array.from({ length: 1_001 }, String) } };
    expect(await refusalOf(following.follow(domain, { filter }))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('E3: resuming after a cursor', () => {
  test('is exclusive, and joins history and live changes without loss or repeat', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const start = await following.headCursor();
    await following.toggle(id, 3);
    await t.core.hub.tail.catchUp();
    const first = await takeChanges(await following.follow(domain, { after: start }), 3);
    const changes = await following.follow(domain, { after: cursorOf(t.core, first[0]?.seq ?? 0) });
    await following.toggle(id, 2);
    const rest = await takeChanges(changes, 4);
    expect(rest.map(({ seq }) => seq).slice(0, 2)).toEqual(first.slice(1).map(({ seq }) => seq));
    expect(rest.map(brief)).toEqual(['DISABLED>ENABLED', 'ENABLED>DISABLED', 'DISABLED>ENABLED', 'ENABLED>DISABLED']);
  });

  test('loses and repeats nothing while writes go on, whenever it begins', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname });
    const start = await following.headCursor();
    const writes = 60;
    const followers: Promise<SupervisorChange[]>[] = [];
    for (let i = 0; i < writes; i++) {
      if (i % 6 === 0)
        followers.push(following.follow(domain, { after: start }).then((changes) => takeChanges(changes, writes)));
      await (i % 2 === 0 ? disableSupervisor : enableSupervisor)(t.core, domain.operator, { supervisorId });
    }
    const [first = [], ...others] = await Promise.all(followers);
    expect(first.map(brief)).toEqual(
      Array.from({ length: writes }, (_, i) => (i % 2 === 0 ? 'ENABLED>DISABLED' : 'DISABLED>ENABLED')),
    );
    for (const other of others) expect(other.map(({ seq }) => seq)).toEqual(first.map(({ seq }) => seq));
  });

  test('reads a history longer than one batch whole', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const after = await following.headCursor();
    await following.toggle(id, 1_101);
    await t.core.hub.tail.catchUp();
    const changes = await takeChanges(await following.follow(domain, { after }), 1_101);
    expect(new Set(changes.map(({ seq }) => seq)).size).toBe(1_101);
    expect(changes.every(({ seq }, i) => i === 0 || seq > (changes[i - 1]?.seq ?? 0))).toBe(true);
  });

  test('works on any replica, and across restarts', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const after = await following.headCursor();
    await following.toggle(id, 2);
    const replica = await openReplica(t.db);
    const changes = await following.follow(domain, { after }, replica.core);
    expect((await takeChanges(changes, 2)).map(brief)).toEqual(['ENABLED>DISABLED', 'DISABLED>ENABLED']);
    await replica.close();
    expect(await changes.next()).toEqual({ value: undefined, done: true });
  });

  test('can be left in the midst of history, and before it was read', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const after = await following.headCursor();
    await following.toggle(id, 10);
    await t.core.hub.tail.catchUp();
    const changes = await following.follow(domain, { after });
    await takeChanges(changes, 2);
    await changes.return?.();
    expect(await changes.next()).toEqual({ value: undefined, done: true });
    await (await following.follow(domain, { after })).return?.();
    expect(t.core.hub.openQueues).toBe(0);
  });

  test('a reader that waits for the next change can be ended', async () => {
    const changes = await following.follow(newDomain(), { after: await following.headCursor() });
    const waiting = changes.next();
    await changes.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  test.each(['', 'x', '\0'])('a malformed cursor %j is BAD_USER_INPUT, before anything is sent', async (after) => {
    const refusal = await refusalOf(following.follow(newDomain(), { after }));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['after'] } });
  });
});

describe('E5: a slow subscriber', () => {
  test('ends with SLOW_CONSUMER and its last cursor, resumes from there, and nobody else notices', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const replica = await openReplica(t.db, { settings: { subscriptionBufferEvents: 10 } });
    const [slow, fast] = [
      await following.follow(domain, {}, replica.core),
      await following.follow(domain, {}, replica.core),
    ];
    const all: SupervisorChange[] = [];
    for (let i = 0; i < 3; i++) {
      const reading = takeChanges(fast, 5);
      await following.toggle(id, 5);
      all.push(...(await reading));
    }
    const queued = await takeChanges(slow, 10);
    const refusal = await refusalOf(slow.next());
    expect(refusal.code).toBe('SLOW_CONSUMER');
    expect(await slow.next()).toEqual({ value: undefined, done: true });
    const resumed = await following.follow(domain, { after: String(refusal.details.lastCursor) }, replica.core);
    const rest = await takeChanges(resumed, 5);
    expect([...queued, ...rest].map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq));
    await replica.close();
  });
});

// Last, since trimming takes away the history that others may want.
describe('E3: history that is gone', () => {
  const trim = async (through: number) => {
    // Trimmed events are old: every server has read them.
    await t.core.hub.tail.catchUp();
    await t.db.sql.query('UPDATE event_log SET trimmed_through = $1', [through]);
    await t.db.sql.query('DELETE FROM events WHERE seq <= $1', [through]);
  };

  test('is CURSOR_EXPIRED, with the oldest cursor, which works', async () => {
    const domain = newDomain();
    const expired = await following.headCursor();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const log = await readLogBounds(t.db.sql);
    const { headSeq } = log;
    await trim(headSeq);
    await following.toggle(id, 1);
    for (const after of [
      expired,
      encodeCursor({ ...log, logId: 'ffffffffffff' }, headSeq),
      encodeCursor(log, headSeq + 1_000),
    ]) {
      const refusal = await refusalOf(following.follow(domain, { after }));
      expect(refusal.code).toBe('CURSOR_EXPIRED');
      const changes = await following.follow(domain, { after: String(refusal.details.oldestCursor) });
      expect((await takeChanges(changes, 1)).map(brief)).toEqual(['ENABLED>DISABLED']);
    }
  });

  test('with all events trimmed the log’s end still is a cursor', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname });
    const { headSeq } = await readLogBounds(t.db.sql);
    await trim(headSeq);
    const changes = await following.follow(domain, { after: await following.headCursor() });
    await publish(t, domain, { hostname: 'sentinel' });
    expect((await takeChanges(changes, 1)).map(({ supervisor }) => supervisor.hostname)).toEqual(['sentinel']);
  });

  test('when it overtakes a reader in the midst of it, that reader is told, and is let go', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const after = await following.headCursor();
    await following.toggle(id, 1_001);
    // Else the changes would come live, and not out of history.
    await t.core.hub.tail.catchUp();
    const changes = await following.follow(domain, { after });
    const [first] = await takeChanges(changes, 500);
    await trim((first?.seq ?? 0) + 700);
    const refusal = await refusalOf(changes.next());
    expect(refusal.code).toBe('CURSOR_EXPIRED');
    expect(refusal.details.oldestCursor).toBe(encodeCursor(t.core.hub.tail.log, (first?.seq ?? 0) + 700));
    expect(t.core.hub.openQueues).toBe(0);
  });
});
