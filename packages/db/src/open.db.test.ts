import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openSilentProxy, type SilentProxy } from '../testing/silentProxy.ts';
import {
  administrationUrl,
  createPostgresDatabase,
  openTestDatabase,
  pgliteTemplate,
  testDatabaseKind,
} from '../testing/testDatabase.ts';
import type { Database } from './database.ts';
import { openDatabase } from './open.ts';
import { DatabaseSetupError } from './setup/setupError.ts';
import { isDatabaseUnavailable } from './unavailable.ts';

let db: Database;
let statements: string[] = [];
beforeAll(async () => {
  db = await openTestDatabase({ onQuery: (text) => statements.push(text) });
});
afterAll(() => db.close());

const supervisor = (id: string, hostname: string) => ({
  id: `supervisor-${id}`,
  domainId: 'd',
  hostname,
  name: hostname,
});

test('each database gives the same JavaScript values', async () => {
  const [row] = await db.sql.query(
    `SELECT 1::int AS "int", 9007199254740991::bigint AS "bigint", 1.5::float8 AS "float", TRUE AS "boolean", NULL AS "null",
       'ä' AS "text", '{"a": [1, null]}'::jsonb AS "json", '2026-01-02T03:04:05.678Z'::timestamptz AS "time",
       ARRAY['a', 'b,"c'] AS "texts", $1::text[] AS "sent", $2::jsonb AS "sentJson", $3::timestamptz AS "sentTime"`,
    [['x', 'y,"z', '\\'], JSON.stringify({ a: 'ä' }), new Date(1)],
  );
  expect(row).toEqual({
    int: 1,
    bigint: 9_007_199_254_740_991,
    float: 1.5,
    boolean: true,
    null: null,
    text: 'ä',
    json: { a: [1, null] },
    time: new Date('2026-01-02T03:04:05.678Z'),
    texts: ['a', 'b,"c'],
    sent: ['x', 'y,"z', '\\'],
    sentJson: { a: 'ä' },
    sentTime: new Date(1),
  });
});

test('each statement is told, as text without its values, whoever runs it', async () => {
  statements = [];
  await db.sql.query('SELECT $1::text AS secret', ['hidden']);
  await db.transaction((sql) => sql.query('SELECT 2 AS two'));
  await db.prisma.supervisor.findFirst({ where: { name: 'hidden' } });
  expect(statements).toHaveLength(3);
  expect(statements.slice(0, 2)).toEqual(['SELECT $1::text AS secret', 'SELECT 2 AS two']);
  expect(statements.join()).not.toContain('hidden');
});

test('a transaction that throws leaves nothing, and the next one works', async () => {
  const failing = db.transaction(async (sql) => {
    await sql.query(
      `INSERT INTO supervisors (id, domain_id, hostname, name) VALUES ('supervisor-00000000000a', 'd', 'h', 'n')`,
    );
    throw new Error('as meant');
  });
  await expect(failing).rejects.toThrow('as meant');
  expect(await db.prisma.supervisor.count()).toBe(0);
  expect(await db.transaction((sql) => sql.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
});

test('a transaction whose statement fails, or whose commit does, is reported as failed', async () => {
  await expect(db.transaction((sql) => sql.query('SELECT 1 / 0'))).rejects.toThrow('division by zero');
  await db.sql.query(
    `CREATE TABLE pairs (id INT PRIMARY KEY, other INT REFERENCES pairs DEFERRABLE INITIALLY DEFERRED)`,
  );
  await expect(db.transaction((sql) => sql.query('INSERT INTO pairs VALUES (1, 2)'))).rejects.toThrow('foreign key');
  expect(await db.sql.query('SELECT FROM pairs')).toEqual([]);
});

test('a mistake is not taken for a database that is away', async () => {
  await db.prisma.supervisor.create({ data: supervisor('00000000000b', 'h') });
  const mistakes = [
    db.sql.query('SELEKT'),
    db.sql.query('SELECT 1 / 0'),
    db.prisma.supervisor.create({ data: supervisor('00000000000b', 'h') }),
    db.prisma.supervisor.findUniqueOrThrow({ where: { id: 'nobody' } }),
  ];
  for (const mistake of await Promise.allSettled(mistakes)) {
    expect(mistake.status === 'rejected' && isDatabaseUnavailable(mistake.reason)).toBe(false);
    expect(mistake.status).toBe('rejected');
  }
});

test('a notification wakes its channel’s listeners, until they stop', async () => {
  let wakes = 0;
  let woken = Promise.withResolvers<void>();
  const stop = await db.listen('one', () => {
    wakes += 1;
    woken.resolve();
  });
  await db.sql.query(`SELECT pg_notify('other', ''), pg_notify('one', '')`);
  await woken.promise;
  expect(wakes).toBe(1);
  await stop();

  woken = Promise.withResolvers();
  const stopSentinel = await db.listen('sentinel', () => woken.resolve());
  await db.sql.query(`SELECT pg_notify('one', '')`);
  await db.sql.query(`SELECT pg_notify('sentinel', '')`);
  await woken.promise;
  expect(wakes).toBe(1);
  await stopSentinel();
});

describe.runIf(testDatabaseKind() === 'pglite')('a folder of PGlite’s', () => {
  test('keeps what was written, and is one process’s at a time', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'muster-data-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const loadDataDir = new Blob([await readFile(join(pgliteTemplate(), 'dump.tar'))]);
    const first = await openDatabase({ dataDir, loadDataDir });
    await first.prisma.supervisor.create({ data: supervisor('00000000000c', 'kept') });
    await expect(openDatabase({ dataDir })).rejects.toThrow(DatabaseSetupError);
    await first.close();
    const again = await openDatabase({ dataDir });
    expect(await again.prisma.supervisor.findFirst()).toMatchObject({ hostname: 'kept' });
    await again.close();
    expect((await readdir(dataDir)).filter((name) => name.startsWith('muster.'))).toEqual([]);
  });
});

describe.runIf(testDatabaseKind() === 'postgresql')('a server of PostgreSQL’s that goes away', () => {
  let proxy: SilentProxy;
  let through: Database;
  const warned = Promise.withResolvers<string>();
  beforeAll(async () => {
    const server = new URL(administrationUrl);
    proxy = await openSilentProxy({ host: server.hostname, port: Number(server.port || 5432) });
    const { url, drop } = await createPostgresDatabase();
    const proxied = new URL(url);
    proxied.host = `127.0.0.1:${proxy.port}`;
    through = await openDatabase({ url: proxied.href, onWarning: warned.resolve });
    return async () => {
      await through.close();
      await proxy.refuse();
      await drop();
    };
  });

  const attempts = () => [
    through.sql.query('SELECT 1'),
    through.transaction((sql) => sql.query('SELECT 1')),
    through.prisma.supervisor.findFirst(),
    through.prisma.supervisor.create({ data: supervisor('00000000000d', 'h') }),
    through.appliedMigrations(),
    through.listen('c', () => {}),
  ];

  test('is unavailable in every way in which it is asked, warns, and is back once it is', async () => {
    await through.sql.query('SELECT 1');
    await proxy.refuse();
    expect(await warned.promise).toBe('an idle database connection was lost');
    for (const [i, attempt] of (await Promise.allSettled(attempts())).entries()) {
      expect(attempt.status, `attempt ${i}`).toBe('rejected');
      if (attempt.status === 'rejected') expect(isDatabaseUnavailable(attempt.reason), `attempt ${i}`).toBe(true);
    }
    await proxy.accept();
    expect(await through.sql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await through.prisma.supervisor.findFirst()).toBeNull();
  });

  test('is unavailable to those whose connection an administrator ends in the midst of it', async () => {
    const ended = through.transaction(async (sql) => {
      const [row] = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await db.sql.query('SELECT pg_terminate_backend($1)', [row?.pid]);
      await sql.query('SELECT 1');
    });
    const error = await ended.catch((reason: unknown) => reason);
    expect(isDatabaseUnavailable(error)).toBe(true);
  });
});
