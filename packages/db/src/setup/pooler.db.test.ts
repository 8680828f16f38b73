import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasPooler, startPooler } from '../../testing/pooler.ts';
import { administrationUrl, createPostgresDatabase, testDatabaseKind } from '../../testing/testDatabase.ts';
import { openDatabase } from '../open.ts';
import { examineSetup } from './examineSetup.ts';

const server = { host: new URL(administrationUrl).hostname, port: Number(new URL(administrationUrl).port || 5432) };

describe.runIf(testDatabaseKind() === 'postgresql' && (await hasPooler()))('O3: behind PgBouncer', () => {
  let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
  beforeAll(async () => {
    database = await createPostgresDatabase();
  });
  afterAll(() => database.drop());

  async function urlThrough(mode: 'session' | 'transaction' | 'statement', poolSize: number): Promise<string> {
    const pooler = await startPooler({ server, mode, poolSize });
    onTestFinished(pooler.stop);
    const url = new URL(database.url);
    url.host = `${pooler.host}:${pooler.port}`;
    // PgBouncer refuses them.
    url.searchParams.delete('options');
    return url.href;
  }

  test.each([
    ['transaction', 1],
    ['transaction', 3],
    ['transaction', 20],
    ['statement', 1],
    ['statement', 20],
  ] as const)(
    'the mode %s with a pool of %i is refused, with the mode and the pool that work',
    async (mode, poolSize) => {
      const url = await urlThrough(mode, poolSize);
      const says =
        /is a pooler in transaction or statement mode.*set its pool_mode to session with a pool of at least 9 connections/;
      await expect(openDatabase({ url, poolSize: 8, proveConnections: true })).rejects.toThrow(says);
      const findings = await examineSetup({ url, poolSize: 8 });
      expect(findings).toContainEqual({
        subject: 'connections',
        level: 'failure',
        message: expect.stringMatching(says),
      });
    },
  );

  test('the mode session works with a pool of as many connections as the message names', async () => {
    const url = await urlThrough('session', 9);
    const db = await openDatabase({ url, poolSize: 8, proveConnections: true });
    let wakes = 0;
    const stop = await db.listen('through', () => {
      wakes += 1;
    });
    const asked = Array.from({ length: 40 }, (_, n) => [
      db.sql.query('SELECT pg_sleep(0.01)'),
      db.shortSql.query('SELECT $1::int AS n', [n]),
      db.logSql.query('SELECT 1 AS one'),
      db.transaction((sql) => sql.query(`SELECT pg_notify('through', '')`)),
      db.runInLane('reads', () => db.sql.query('SELECT 1 AS one')),
      db.runInLane('changes', () => db.sql.query('SELECT 1 AS one')),
      db.runInLane('reports', () => db.sql.query('SELECT 1 AS one')),
      db.appliedMigrations(),
    ]);
    // One statement is long enough to be asked after.
    const long = db.runInLane('sweeps', () => db.sql.query('SELECT pg_sleep(3)'));
    await Promise.all([...asked.flat(), long]);
    await expect.poll(() => wakes).toBeGreaterThan(0);
    await stop();
    await db.close();
  });

  test('startup parameters, which it refuses, are told of', async () => {
    const url = new URL(await urlThrough('session', 9));
    url.searchParams.set('options', '-c geqo=off');
    await expect(openDatabase({ url: url.href })).rejects.toThrow(
      /unsupported startup parameter: options.*take the parameter out of DATABASE_URL/,
    );
  });

  test('a pool of fewer connections is refused, with how many it takes', async () => {
    const url = await urlThrough('session', 3);
    await expect(openDatabase({ url, poolSize: 8, proveConnections: true })).rejects.toThrow(
      /expected \d+ connections at once; got 3 .*the pooler's pool, to at least/,
    );
  });
});
