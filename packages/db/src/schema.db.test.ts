import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresDatabase, testDatabaseKind } from '../testing/testDatabase.ts';
import type { Database } from './database.ts';
import { openDatabase } from './open.ts';

/** Names of which each needs something else: none, quotes, and what URLs encode. */
describe.runIf(testDatabaseKind() === 'postgresql').each(['ops', 'Ops Team-1'])('O4: in the schema "%s"', (schema) => {
  let db: Database;
  let plain: Client;
  let url: URL;
  const steps: string[] = [];
  beforeAll(async () => {
    const created = await createPostgresDatabase('template0');
    url = new URL(created.url);
    plain = new Client({ connectionString: url.href });
    await plain.connect();
    await plain.query(`CREATE SCHEMA "${schema}"`);
    // Nothing may be made here by mistake.
    await plain.query('DROP SCHEMA public');
    url.searchParams.set('schema', schema);
    db = await openDatabase({ url: url.href, poolSize: 8, proveConnections: true, onStep: (step) => steps.push(step) });
    return async () => {
      await plain.end();
      await created.drop();
    };
  });
  afterAll(() => db.close());

  test('all tables are made, and the start says where', async () => {
    expect(steps).toContainEqual(
      expect.stringMatching(new RegExp(`^the database is PostgreSQL .*, the schema "${schema}"$`)),
    );
    const { rows } = await plain.query('SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname !~ $1', [
      '^pg_|^information',
    ]);
    expect(rows).toEqual([{ schemaname: schema }]);
  });

  test("Prisma's client, SQL, triggers and the listener find them there", async () => {
    let wakes = 0;
    const stop = await db.listen('muster_events', () => {
      wakes += 1;
    });
    await db.prisma.supervisor.create({
      data: { id: 'supervisor-00000000000a', domainId: 'd', hostname: 'h', name: 'n' },
    });
    for (const sql of [db.sql, db.shortSql, db.logSql]) {
      expect(await sql.query('SELECT name FROM supervisors')).toEqual([{ name: 'n' }]);
    }
    expect(await db.transaction((sql) => sql.query(`UPDATE supervisors SET name = 'm' RETURNING name`))).toEqual([
      { name: 'm' },
    ]);
    expect(await db.prisma.supervisor.findMany({ select: { name: true } })).toEqual([{ name: 'm' }]);
    expect(await db.sql.query('SELECT count(*) AS count FROM events')).toEqual([{ count: 2 }]);
    await expect.poll(() => wakes).toBeGreaterThan(0);
    await stop();
  });

  test('the next start finds all migrations applied', async () => {
    const again = await openDatabase({ url: url.href });
    expect(await again.appliedMigrations()).toEqual(await db.appliedMigrations());
    await again.close();
  });
});
