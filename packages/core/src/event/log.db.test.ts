import { testDatabaseKind } from '@muster/db/testing';
import { describe, expect, test } from 'vitest';
import { nearInTest } from '../../testing/near.ts';
import { pageInfoOf } from '../../testing/pageInfo.ts';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  publish,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { eventId } from '../base/ids.ts';
import { findNodes } from '../node.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor } from '../supervisor/enable.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { hiddenColumns } from './change.ts';
import { changedFields, listEvents, namesOf } from './read.ts';
import { readEvents } from './sql/readEvents.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

const expectNear = nearInTest();

const t = useTestCore();

const hostname = 'host-1';
const lastEventOf = (domain: TestDomain) =>
  t.db.prisma.event.findFirstOrThrow({ where: { domainId: domain.domainId }, orderBy: { seq: 'desc' } });

describe('E1: every change writes one event, whoever makes it', () => {
  test('with what changed, from and to, actor, reason and time', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await disableSupervisor(t.core, domain.operator, { supervisorId: supervisor.id });
    const event = await lastEventOf(domain);
    expect(event).toMatchObject({
      kind: 'SUPERVISOR_STATE_CHANGED',
      supervisorId: supervisor.id,
      pluginInstanceId: null,
      from: 'ENABLED',
      to: 'DISABLED',
      actor: domain.operator.subject,
      reason: 'DISABLED_BY_OPERATOR',
      changes: { state: { from: 'ENABLED', to: 'DISABLED' } },
      row: { id: supervisor.id, state: 'DISABLED', hostname },
    });
    expectNear(Number(event.at), Date.now());
  });

  test('with the names of what it is about, which stay known once that is gone', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, supervisor);
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, force: true });
    const { edges } = await listEvents(t.core, domain.operator, { last: 2 });
    expect(edges.map(({ node }) => [node.kind, namesOf(node)])).toEqual(
      expect.arrayContaining([
        ['PLUGIN_DELETED', { name: null, pluginId: 'collector', version: '1.0' }],
        ['SUPERVISOR_DELETED', { name: hostname, pluginId: null, version: null }],
      ]),
    );
  });

  test('an update says each field from and to, and no state', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname, labels: { a: 1 } });
    const input = { supervisorId: supervisor.id, name: 'mine', labels: { b: [2] }, isPublic: true };
    await updateSupervisor(t.core, domain.admin, input);
    const event = await lastEventOf(domain);
    expect(event).toMatchObject({ kind: 'SUPERVISOR_UPDATED', from: null, to: null, reason: 'UPDATED_BY_OPERATOR' });
    expect(changedFields(event)).toEqual({
      name: { from: hostname, to: 'mine' },
      labels: { from: { a: 1 }, to: { b: [2] } },
      isPublic: { from: false, to: true },
    });
  });

  test('a recover from RE_PROVISIONING changes the generation only', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    const plugin = await insertManagedPlugin(t, supervisor);
    const input = { supervisorId: supervisor.id, pluginId: plugin.pluginId, version: plugin.version };
    await recoverPlugin(t.core, domain.operator, input);
    await recoverPlugin(t.core, domain.operator, input);
    const event = await lastEventOf(domain);
    expect(event).toMatchObject({ kind: 'PLUGIN_UPDATED', pluginInstanceId: plugin.id, supervisorId: supervisor.id });
    expect(changedFields(event)).toEqual({ generation: { from: 2, to: 3 } });
  });

  test('a plain UPDATE, INSERT or DELETE in SQL', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    const seen = (await eventsOf(t, domain)).length;
    await t.db.sql.query(`UPDATE supervisors SET priority = 5, actor = 'psql', reason = NULL WHERE id = $1`, [
      supervisor.id,
    ]);
    await insertManagedPlugin(t, supervisor, { actor: 'psql' });
    await t.db.sql.query('DELETE FROM plugins WHERE supervisor_id = $1', [supervisor.id]);
    expect((await eventsOf(t, domain)).slice(seen)).toEqual([
      'SUPERVISOR_UPDATED - by psql',
      'PLUGIN_CREATED NONE>ACTIVE - by psql',
      'PLUGIN_DELETED ACTIVE>NONE - by -',
    ]);
  });

  test('an UPDATE of many rows writes one each', async () => {
    const domain = newDomain();
    for (const name of ['a', 'b', 'c']) await publish(t, domain, { hostname: name });
    const seen = (await eventsOf(t, domain)).length;
    await t.db.sql.query('UPDATE supervisors SET priority = 9 WHERE domain_id = $1', [domain.domainId]);
    expect((await eventsOf(t, domain)).slice(seen)).toHaveLength(3);
  });

  test('what no viewer could see writes none, and changes no updated_at', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    const plugin = await insertManagedPlugin(t, supervisor);
    const seen = (await eventsOf(t, domain)).length;
    await t.db.sql.query(
      `UPDATE supervisors SET actor = 'x', reason = 'y', operator_fields = '{name}', secret_hash = '\\x00',
         updated_at = updated_at WHERE id = $1`,
      [supervisor.id],
    );
    await t.db.sql.query(
      `UPDATE plugins SET actor = 'x', missing_reports = 2, missing_since = now() WHERE supervisor_id = $1`,
      [supervisor.id],
    );
    expect(await eventsOf(t, domain)).toHaveLength(seen);
    expect(await t.db.prisma.supervisor.findUnique({ where: { id: supervisor.id } })).toMatchObject({
      updatedAt: supervisor.updatedAt,
    });
    expect(await t.db.prisma.plugin.findUnique({ where: { id: plugin.id } })).toMatchObject({
      updatedAt: plugin.updatedAt,
    });
  });

  test.each(['supervisor', 'plugin'] as const)('hidden columns of a %s stand in no event', async (entity) => {
    const triggers = await t.db.sql.query<{ function: string; arguments: string[] }>(
      `SELECT p.proname AS function, string_to_array(encode(g.tgargs, 'escape'), '\\000') AS arguments
       FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
       WHERE g.tgrelid = $1::regclass AND p.proname IN ('record_event', 'touch_row')`,
      [`${entity}s`],
    );
    // Each argument ends with a NUL. The first argument of record_event names the entity.
    const columnsOf = (name: string) =>
      triggers
        .find((trigger) => trigger.function === name)
        ?.arguments.slice(name === 'record_event' ? 1 : 0, -1)
        .sort();
    // No model has the generated column by which versions are ordered (M5).
    const generated = entity === 'plugin' ? ['version_key'] : [];
    const hidden = [...Object.keys(hiddenColumns[entity]), ...generated].sort();
    expect([columnsOf('record_event'), columnsOf('touch_row')]).toEqual([hidden, hidden]);

    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname, secretKey: 'secret' });
    await insertManagedPlugin(t, supervisor);
    const events = await t.db.prisma.event.findMany({
      where: { domainId: domain.domainId, pluginInstanceId: entity === 'plugin' ? { not: null } : null },
    });
    const columns = new Set(events.flatMap(({ row, changes }) => Object.keys({ ...Object(row), ...Object(changes) })));
    expect(columns.size).toBeGreaterThan(0);
    expect(hidden.filter((column) => columns.has(column))).toEqual([]);
  });

  test('a change that is rolled back leaves none', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    const seen = await eventsOf(t, domain);
    const failing = t.db.transaction(async (sql) => {
      await sql.query('UPDATE supervisors SET priority = 5 WHERE id = $1', [supervisor.id]);
      throw new Error('as meant');
    });
    await expect(failing).rejects.toThrow('as meant');
    expect(await eventsOf(t, domain)).toEqual(seen);
  });

  test('changes of one row within a transaction each write one, in their order', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    const seen = (await eventsOf(t, domain)).length;
    await t.db.transaction(async (sql) => {
      await sql.query(`UPDATE supervisors SET state = 'DISABLED' WHERE id = $1`, [supervisor.id]);
      await sql.query(`UPDATE supervisors SET state = 'ENABLED' WHERE id = $1`, [supervisor.id]);
    });
    expect((await eventsOf(t, domain)).slice(seen).map((event) => event.split(' ')[1])).toEqual([
      'ENABLED>DISABLED',
      'DISABLED>ENABLED',
    ]);
  });
});

describe.runIf(testDatabaseKind() === 'postgresql')(
  'E2: the order is the order of commits (PGlite has one connection, so no transactions overlap)',
  () => {
    const rename = 'UPDATE supervisors SET priority = priority + 1 WHERE id = $1';
    const read = async (after: number) => (await readEvents(t.db.sql, after, 1_000)).rows;
    const subjectsOf = async (after: number) => (await read(after)).map((row) => String(row.supervisor_id));
    const head = async () => (await readLogBounds(t.db.sql)).headSeq;

    test('of two transactions the one that began first and commits last comes last', async () => {
      const domain = newDomain();
      const { id: first } = await enabledSupervisor(t, domain, { hostname: 'first' });
      const { id: second } = await enabledSupervisor(t, domain, { hostname: 'second' });
      const start = await head();
      let between = 0;
      await t.db.transaction(async (a) => {
        await a.query(rename, [first]);
        await t.db.transaction((b) => b.query(rename, [second]));
        between = await head();
        expect(await subjectsOf(start)).toEqual([second]);
      });
      expect(await subjectsOf(start)).toEqual([second, first]);
      // A reader that has read up to the second's event finds the first's after it, not before.
      expect(await subjectsOf(between)).toEqual([first]);
    });

    test('a transaction that waited for another’s row comes after it, although it began first', async () => {
      const domain = newDomain();
      const { id: own } = await enabledSupervisor(t, domain, { hostname: 'own' });
      const { id: shared } = await enabledSupervisor(t, domain, { hostname: 'shared' });
      const start = await head();
      let waiting: Promise<unknown> = Promise.resolve();
      const done = t.db.transaction(async (a) => {
        await a.query(rename, [own]);
        await t.db.transaction(async (b) => {
          await b.query(`UPDATE supervisors SET priority = 100 WHERE id = $1`, [shared]);
          const [{ pid } = { pid: 0 }] = await b.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
          waiting = a.query(rename, [shared]);
          const waits = 'SELECT FROM pg_stat_activity WHERE $1::int = ANY(pg_blocking_pids(pid))';
          while ((await b.query(waits, [pid])).length === 0);
        });
        await waiting;
      });
      await done;
      const events = await read(start);
      expect(events.map((row) => row.supervisor_id)).toEqual([shared, own, shared]);
      expect(events.map((row) => (row.row as { priority: number }).priority)).toEqual([100, 1, 101]);
    });

    test('a reader who polls while many write sees every event once, none before its cursor', async () => {
      const domain = newDomain();
      const ids = await Promise.all(
        Array.from({ length: 8 }, async (_, i) => (await enabledSupervisor(t, domain, { hostname: `host-${i}` })).id),
      );
      const start = await head();
      let writing = true;
      const seen: number[] = [];
      const reader = (async () => {
        for (let cursor = start, last = false; !last; ) {
          last = !writing;
          const batch = await read(cursor);
          seen.push(...batch.map((row) => Number(row.seq)));
          cursor = seen.at(-1) ?? cursor;
        }
      })();
      const writeOnce = async (i: number, id: string, other: string) => {
        await t.db.transaction(async (sql) => {
          await sql.query(rename, [id]);
          // Transactions of different lengths, some of which wait for another's row, in an order that can't deadlock.
          if (i % 3 === 0) await sql.query('SELECT pg_sleep(random() * 0.004)');
          if (i % 5 === 0) await sql.query(rename, [id < other ? other : id]);
        });
      };
      const write = async (id: string, other: string) => {
        for (let i = 0; i < 25; i++) await writeOnce(i, id, other);
      };
      await Promise.all(ids.map((id, i) => write(id, ids[(i + 1) % ids.length] ?? id)));
      writing = false;
      await reader;
      const all = await read(start);
      expect(seen).toEqual(all.map((row) => row.seq));
      expect(all).toHaveLength(8 * 30);
    });
  },
);

test('E3: history reads as pages, in the order of commits, and its ids lead back to the events', async () => {
  const domain = newDomain();
  for (const name of ['a', 'b', 'c']) await publish(t, domain, { hostname: name });
  const first = await listEvents(t.core, domain.viewer, { first: 2 });
  const rest = await listEvents(t.core, domain.viewer, { first: 2, after: first.pageInfo.endCursor });
  const back = await listEvents(t.core, domain.viewer, { last: 2, before: rest.pageInfo.startCursor });
  expect(await pageInfoOf(first)).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  expect(await pageInfoOf(rest)).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  expect(await pageInfoOf(back)).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  expect(rest.edges).toHaveLength(1);
  expect(back.edges).toEqual(first.edges);
  expect(await first.totalCount()).toBe(3);
  for (const { node } of first.edges) {
    expect(await findNodes(t.core, domain.viewer, [eventId(Number(node.seq))])).toEqual([{ kind: 'Event', node }]);
  }
});

test('listing history filters by kind, states, actor, reason and time', async () => {
  const domain = newDomain();
  const supervisor = await enabledSupervisor(t, domain, { hostname });
  const plugin = await insertManagedPlugin(t, supervisor);
  const countOf = async (filter: Parameters<typeof listEvents>[2]['filter']) =>
    (await listEvents(t.core, domain.viewer, { filter })).edges.length;
  expect(await countOf({ kind: { in: ['PLUGIN_CREATED', 'SUPERVISOR_CREATED'] } })).toBe(2);
  expect(await countOf({ from: { eq: 'NONE' } })).toBe(2);
  expect(await countOf({ to: { eq: 'ENABLED' }, reason: { startsWith: 'REG' } })).toBe(1);
  expect(await countOf({ actor: { eq: domain.operator.subject } })).toBe(1);
  expect(await countOf({ pluginInstanceId: { eq: plugin.id } })).toBe(1);
  expect(await countOf({ pluginInstanceId: { isNull: true }, supervisorId: { eq: supervisor.id } })).toBe(2);
  expect(await countOf({ at: { gt: new Date(Date.now() + 60_000) } })).toBe(0);
});

test.each(['', 'nonsense'])('a malformed cursor %j of history is BAD_USER_INPUT', async (after) => {
  const domain = newDomain();
  await expect(listEvents(t.core, domain.viewer, { first: 1, after })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { path: ['after'] },
  });
});
