import type { Database, Sql } from '@muster/db';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  openReplica,
  openTestCore,
  publish,
  refusalOf,
  type TestCore,
  type TestDomain,
} from '../../testing/testCore.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import type { Change, SupervisorChange } from './change.ts';
import { encodeCursor } from './cursor.ts';
import { cursorOf } from './read.ts';
import { readLogBounds } from './sql/readLogBounds.ts';
import { pluginStates, type SubscribeInput, type SupervisorEventFilter, supervisorStates } from './stateChanges.ts';
import { openStream } from './stream.ts';

let t: TestCore;
let statements: string[] = [];
const open: AsyncIterator<unknown>[] = [];
beforeAll(async () => {
  t = await openTestCore({
    // Only NOTIFY wakes the tail here: what passes these tests doesn't pass by polling.
    settings: { eventPollMs: 1_000_000, subscriptionBufferEvents: 5_000 },
    database: { onQuery: (text) => statements.push(text) },
  });
});
afterEach(async () => {
  for (const iterator of open.splice(0)) await iterator.return?.();
  expect(t.core.hub.openQueues).toBe(0);
});
afterAll(() => t.close());

const hostname = 'host-1';

async function follow(domain: TestDomain, input: SubscribeInput<SupervisorEventFilter> = {}, core = t.core) {
  const changes = await openStream(core, await supervisorStates(core, domain.viewer, input));
  open.push(changes);
  return changes;
}

async function take<T extends Change>(changes: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value, done } = await changes.next();
    if (done) throw new Error(`expected ${count} changes; the stream ended after ${taken.length}`);
    taken.push(value);
  }
  return taken;
}

const brief = (change: Change) => `${change.from}>${change.to}`;
const headCursor = async () => {
  const { logId, headSeq } = await readLogBounds(t.db.sql);
  return encodeCursor(logId, headSeq);
};

/** Changes the supervisor's state several times in one transaction. */
async function toggle(supervisorId: string, times: number): Promise<void> {
  await t.db.transaction(async (sql) => {
    await sql.query(`SELECT set_config('test.id', $1, true), set_config('test.times', $2, true)`, [
      supervisorId,
      String(times),
    ]);
    await sql.query(`DO $$ BEGIN
      FOR i IN 1..current_setting('test.times')::int LOOP
        UPDATE supervisors SET state = CASE state WHEN 'ENABLED' THEN 'DISABLED' ELSE 'ENABLED' END::supervisor_state
        WHERE id = current_setting('test.id');
      END LOOP; END $$`);
  });
}

describe('a subscription', () => {
  test('tells each change of state from now on, with who, why and the supervisor as of then', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'earlier' });
    const changes = await follow(domain);
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await updateSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, name: 'mine' });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id });
    const taken = await take(changes, 3);
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
    const changes = await openStream(
      t.core,
      await pluginStates(t.core, domain.viewer, { filter: { pluginId: { eq: 'p' } } }),
    );
    open.push(changes);
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, supervisor, { pluginId: 'other' });
    for (const state of ['PROVISIONING', 'ACTIVE'] as const) {
      await publish(t, domain, { hostname, plugins: [{ pluginId: 'p', version: '1', state }] });
    }
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, force: true });
    const taken = await take(changes, 3);
    expect(taken.map(brief)).toEqual(['NONE>PROVISIONING', 'PROVISIONING>ACTIVE', 'ACTIVE>NONE']);
    expect(taken[1]?.plugin).toMatchObject({ pluginId: 'p', state: 'ACTIVE', supervisorId: supervisor.id });
    expect(taken[1]?.plugin.stateChangedAt).toBeInstanceOf(Date);
  });

  test('A2: tells nothing of other domains, but to an ADMIN of none', async () => {
    const [own, other] = [newDomain(), newDomain()];
    const changes = await follow(own);
    const all = await openStream(t.core, await supervisorStates(t.core, own.admin, {}));
    open.push(all);
    await publish(t, other, { hostname: 'foreign', isPublic: true }, other.admin);
    await publish(t, own, { hostname: 'sentinel' });
    expect((await take(changes, 1)).map(({ supervisor }) => supervisor.hostname)).toEqual(['sentinel']);
    expect((await take(all, 2)).map(({ supervisor }) => supervisor.hostname)).toEqual(['foreign', 'sentinel']);
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
    const changes = await follow(domain, { filter: { ...filter } });
    const after = await headCursor();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname, labels: { a: [1, 2] } });
    await disableSupervisor(t.core, domain.operator, { supervisorId });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId });
    // Once a subscription to everything has delivered the sentinel, nothing further can come.
    await publish(t, domain, { hostname: 'sentinel' });
    await take(await follow(domain, { after }), 5);
    await changes.return?.();
    const again = await follow(domain, { filter, after });
    expect((await take(again, expected.length)).map(brief)).toEqual(expected);
  });

  test('a filter larger than the limits is refused before anything is attached', async () => {
    const domain = newDomain();
    const filter = { name: { in: Array.from({ length: 1_001 }, String) } };
    expect(await refusalOf(follow(domain, { filter }))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('E3: resuming after a cursor', () => {
  test('is exclusive, and joins history and live changes without loss or repeat', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const start = await headCursor();
    await toggle(id, 3);
    await t.core.hub.tail.catchUp();
    const first = await take(await follow(domain, { after: start }), 3);
    const changes = await follow(domain, { after: cursorOf(t.core, first[0]?.seq ?? 0) });
    await toggle(id, 2);
    const rest = await take(changes, 4);
    expect(rest.map(({ seq }) => seq).slice(0, 2)).toEqual(first.slice(1).map(({ seq }) => seq));
    expect(rest.map(brief)).toEqual(['DISABLED>ENABLED', 'ENABLED>DISABLED', 'DISABLED>ENABLED', 'ENABLED>DISABLED']);
  });

  test('loses and repeats nothing while writes go on, whenever it begins', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname });
    const start = await headCursor();
    const writes = 60;
    const followers: Promise<SupervisorChange[]>[] = [];
    for (let i = 0; i < writes; i++) {
      if (i % 6 === 0) followers.push(follow(domain, { after: start }).then((changes) => take(changes, writes)));
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
    const after = await headCursor();
    await toggle(id, 1_101);
    await t.core.hub.tail.catchUp();
    const changes = await take(await follow(domain, { after }), 1_101);
    expect(new Set(changes.map(({ seq }) => seq)).size).toBe(1_101);
    expect(changes.every(({ seq }, i) => i === 0 || seq > (changes[i - 1]?.seq ?? 0))).toBe(true);
  });

  test('works on any replica, and across restarts', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const after = await headCursor();
    await toggle(id, 2);
    const replica = await openReplica(t.db);
    const changes = await follow(domain, { after }, replica.core);
    expect((await take(changes, 2)).map(brief)).toEqual(['ENABLED>DISABLED', 'DISABLED>ENABLED']);
    await replica.close();
    expect(await changes.next()).toEqual({ value: undefined, done: true });
  });

  test('can be left in the midst of history, and before it was read', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const after = await headCursor();
    await toggle(id, 10);
    await t.core.hub.tail.catchUp();
    const changes = await follow(domain, { after });
    await take(changes, 2);
    await changes.return?.();
    expect(await changes.next()).toEqual({ value: undefined, done: true });
    await (await follow(domain, { after })).return?.();
    expect(t.core.hub.openQueues).toBe(0);
  });

  test('a reader that waits for the next change can be ended', async () => {
    const changes = await follow(newDomain(), { after: await headCursor() });
    const waiting = changes.next();
    await changes.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  test.each(['', 'x', '\0'])('a malformed cursor %j is BAD_USER_INPUT, before anything is sent', async (after) => {
    const refusal = await refusalOf(follow(newDomain(), { after }));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['after'] } });
  });
});

describe('E4: what following costs', () => {
  const tailQueries = () => statements.filter((text) => text.includes('FROM events e WHERE e.seq >')).length;

  /** A replica whose wake-ups are counted, as its tail queries are. */
  async function openCounted() {
    const counts = { wakeUps: 0, queries: 0 };
    const countedSql = ({ query }: Sql): Sql => ({
      query: (statement, values) => {
        counts.queries += 1;
        return query(statement, values);
      },
    });
    const counted: Database = {
      ...t.db,
      sql: countedSql(t.db.sql),
      shortSql: countedSql(t.db.shortSql),
      logSql: countedSql(t.db.logSql),
      listen: (channel, onWake) =>
        t.db.listen(channel, () => {
          counts.wakeUps += 1;
          onWake();
        }),
    };
    const replica = await openReplica(counted, { settings: { eventPollMs: 1_000_000 } });
    return {
      ...replica,
      counts,
      /** Counts from here on; a read that is under way belongs to what was before. */
      reset: async () => {
        await replica.core.hub.tail.catchUp();
        counts.wakeUps = 0;
        counts.queries = 0;
      },
    };
  }

  test('many subscribers take one tail query a wake-up between them, and while nothing happens none', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const { core, counts, reset, close } = await openCounted();
    const streams = await Promise.all(Array.from({ length: 50 }, () => follow(domain, {}, core)));
    await reset();
    await toggle(id, 1);
    const taken = await Promise.all(streams.map((changes) => take(changes, 1)));
    expect(taken.flat().map(brief)).toEqual(Array.from({ length: 50 }, () => 'ENABLED>DISABLED'));
    expect(counts.wakeUps).toBeGreaterThan(0);
    // That of an earlier commit may come late, which is why they are counted.
    expect(counts.queries).toBeLessThanOrEqual(counts.wakeUps);
    await close();
  });

  test('one transaction is one wake-up, however many events it writes', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const { core, counts, reset, close } = await openCounted();
    const changes = await follow(domain, {}, core);
    await reset();
    await toggle(id, 100);
    expect(await take(changes, 100)).toHaveLength(100);
    // Two more would be late wake-ups of the two commits above.
    expect(counts.wakeUps).toBeLessThanOrEqual(3);
    expect(counts.queries).toBeLessThanOrEqual(counts.wakeUps);
    await close();
  });

  test('who asks the tail to catch up at the same time shares the one query after the one that is under way', async () => {
    await t.core.hub.tail.catchUp();
    statements = [];
    await Promise.all(Array.from({ length: 100 }, () => t.core.hub.tail.catchUp()));
    // One more where the wake-up of an earlier commit comes late.
    expect(tailQueries()).toBeLessThanOrEqual(3);
  });

  test('catching up counts what was committed before it was asked, even while a read is under way', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname });
    for (let i = 0; i < 20; i++) {
      void t.core.hub.tail.catchUp();
      await (i % 2 === 0 ? disableSupervisor : enableSupervisor)(t.core, domain.operator, { supervisorId });
      void t.core.hub.tail.catchUp();
      const { headSeq } = await readLogBounds(t.db.sql);
      expect(await t.core.hub.tail.catchUp()).toBeGreaterThanOrEqual(headSeq);
      expect(t.core.hub.tail.position).toBeGreaterThanOrEqual(headSeq);
    }
  });

  test('a subscription without a cursor begins at the log’s end, even where the tail has not read so far', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname });
    // Without wake-ups this replica's tail reads only when it is asked.
    const deaf: Database = { ...t.db, listen: async () => async () => {} };
    const replica = await openReplica(deaf, { settings: { eventPollMs: 1_000_000 } });
    await disableSupervisor(t.core, domain.operator, { supervisorId });
    const changes = await follow(domain, {}, replica.core);
    await enableSupervisor(t.core, domain.operator, { supervisorId });
    await replica.core.hub.tail.catchUp();
    expect((await take(changes, 1)).map(brief)).toEqual(['DISABLED>ENABLED']);
    await replica.close();
  });

  test('a lost wake-up delays a change until the next poll, and no longer', async () => {
    const domain = newDomain();
    const deaf: Database = { ...t.db, listen: async () => async () => {} };
    const replica = await openReplica(deaf, { settings: { eventPollMs: 10 } });
    const changes = await follow(domain, {}, replica.core);
    await publish(t, domain, { hostname });
    expect((await take(changes, 1)).map(brief)).toEqual(['NONE>PENDING']);
    await replica.close();
  });
});

describe('E5: a slow subscriber', () => {
  test('ends with SLOW_CONSUMER and its last cursor, resumes from there, and nobody else notices', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const replica = await openReplica(t.db, { settings: { subscriptionBufferEvents: 10 } });
    const [slow, fast] = [await follow(domain, {}, replica.core), await follow(domain, {}, replica.core)];
    const all: SupervisorChange[] = [];
    for (let i = 0; i < 3; i++) {
      const reading = take(fast, 5);
      await toggle(id, 5);
      all.push(...(await reading));
    }
    const queued = await take(slow, 10);
    const refusal = await refusalOf(slow.next());
    expect(refusal.code).toBe('SLOW_CONSUMER');
    expect(await slow.next()).toEqual({ value: undefined, done: true });
    const resumed = await follow(domain, { after: String(refusal.details.lastCursor) }, replica.core);
    const rest = await take(resumed, 5);
    expect([...queued, ...rest].map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq));
    await replica.close();
  });
});

// Last, since trimming takes away the history that others may want.
describe('E3: history that is gone', () => {
  const trim = async (through: number) => {
    await t.db.sql.query('UPDATE event_log SET trimmed_through = $1', [through]);
    await t.db.sql.query('DELETE FROM events WHERE seq <= $1', [through]);
  };

  test('is CURSOR_EXPIRED, with the oldest cursor, which works', async () => {
    const domain = newDomain();
    const expired = await headCursor();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const { logId, headSeq } = await readLogBounds(t.db.sql);
    await trim(headSeq);
    await toggle(id, 1);
    for (const after of [expired, encodeCursor('ffffffffffff', headSeq), encodeCursor(logId, headSeq + 1_000)]) {
      const refusal = await refusalOf(follow(domain, { after }));
      expect(refusal.code).toBe('CURSOR_EXPIRED');
      const changes = await follow(domain, { after: String(refusal.details.oldestCursor) });
      expect((await take(changes, 1)).map(brief)).toEqual(['ENABLED>DISABLED']);
    }
  });

  test('with all events trimmed the log’s end still is a cursor', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname });
    const { headSeq } = await readLogBounds(t.db.sql);
    await trim(headSeq);
    const changes = await follow(domain, { after: await headCursor() });
    await publish(t, domain, { hostname: 'sentinel' });
    expect((await take(changes, 1)).map(({ supervisor }) => supervisor.hostname)).toEqual(['sentinel']);
  });

  test('when it overtakes a reader in the midst of it, that reader is told, and is let go', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const after = await headCursor();
    await toggle(id, 1_001);
    // Else the changes would come live, and not out of history.
    await t.core.hub.tail.catchUp();
    const changes = await follow(domain, { after });
    const [first] = await take(changes, 500);
    await trim((first?.seq ?? 0) + 700);
    const refusal = await refusalOf(changes.next());
    expect(refusal.code).toBe('CURSOR_EXPIRED');
    expect(refusal.details.oldestCursor).toBe(encodeCursor(t.core.hub.tail.logId, (first?.seq ?? 0) + 700));
    expect(t.core.hub.openQueues).toBe(0);
  });
});
