import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSilentProxy, type SilentProxy } from '../testing/silentProxy.ts';
import { administrationUrl, createPostgresDatabase, testDatabaseKind } from '../testing/testDatabase.ts';
import type { Database } from './database.ts';
import { ownWork } from './lanes/work.ts';
import { openDatabase } from './open.ts';
import { isDatabaseUnavailable } from './unavailable.ts';

/** The embedded database has no connections. */
describe.runIf(testDatabaseKind() === 'postgresql')(
  'O2: a connection that goes silent alone',
  { timeout: 60_000 },
  () => {
    let proxy: SilentProxy;
    let db: Database;
    let drop: () => Promise<void>;
    let warnings: string[];
    beforeEach(async () => {
      warnings = [];
      const server = new URL(administrationUrl);
      proxy = await openSilentProxy({ host: server.hostname, port: Number(server.port || 5432) });
      const database = await createPostgresDatabase();
      drop = database.drop;
      const proxied = new URL(database.url);
      proxied.host = `127.0.0.1:${proxy.port}`;
      // All deadlines are far beyond the time in which silence is noticed.
      const patient = { operationTimeoutMs: 600_000, answerTimeoutMs: 600_000 };
      db = await openDatabase({ url: proxied.href, ...patient, onWarning: (message) => warnings.push(message) });
    });
    afterEach(async () => {
      await db.close();
      await proxy.refuse();
      await drop();
    });

    const outcomeOf = (work: Promise<unknown>) =>
      work.then(
        () => 'answered',
        (error: unknown) => (isDatabaseUnavailable(error) ? 'unavailable' : error),
      );

    test.each<[string, (sql: Database) => Promise<unknown>]>([
      ['a statement', ({ sql }) => sql.query(`SELECT 'swallowed'`)],
      ['a statement in a transaction', ({ transaction }) => transaction((sql) => sql.query(`SELECT 'swallowed'`))],
      ['a pipelined statement', ({ shortSql }) => shortSql.query(`SELECT 'swallowed'`)],
      ['a read of the log', ({ logSql }) => logSql.query(`SELECT 'swallowed'`)],
      ["Prisma's", ({ prisma }) => prisma.supervisor.findFirst({ where: { hostname: 'swallowed' } })],
    ])('fails what is under way within seconds, and nothing else: %s', async (_title, run) => {
      // A long one goes on meanwhile, and so do others.
      const long = outcomeOf(db.sql.query('SELECT pg_sleep(8)'));
      proxy.silenceOn('swallowed');
      expect(await outcomeOf(run(db))).toBe('unavailable');
      proxy.pass();
      expect(await outcomeOf(db.sql.query('SELECT 1'))).toBe('answered');
      expect(await long).toBe('answered');
      expect(warnings[0]).toMatch(/^a (pipelined )?database connection was cut, since it was silent/);
    });
  },
);

describe.runIf(testDatabaseKind() === 'postgresql')(
  'O2: a pooler that has no new connection to give',
  { timeout: 60_000 },
  () => {
    test('is no silent database, as long as a connection that it has given is answered', async () => {
      const server = new URL(administrationUrl);
      const proxy = await openSilentProxy({ host: server.hostname, port: Number(server.port || 5432) });
      const database = await createPostgresDatabase();
      const proxied = new URL(database.url);
      proxied.host = `127.0.0.1:${proxy.port}`;
      const warnings: string[] = [];
      const db = await openDatabase({ url: proxied.href, onWarning: (message) => warnings.push(message) });
      const isHealthy = () => db.runAs(ownWork('probes'), () => db.sql.query('SELECT 1 AS one'));
      await isHealthy();
      const long = db.sql.query('SELECT pg_sleep(12)');
      await expect.poll(() => db.loads().find(({ lane }) => lane === 'sweeps')?.running).toBe(1);
      proxy.swallowSenders('muster probe\0');
      await long;
      expect(await isHealthy()).toEqual([{ one: 1 }]);
      expect(warnings).toEqual([]);
      await db.close();
      await proxy.refuse();
      await database.drop();
    });
  },
);
