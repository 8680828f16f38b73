import { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { createPostgresDatabase, testDatabaseKind } from '../testing/testDatabase.ts';
import type { Database } from './database.ts';
import { laneNames, ownWork } from './lanes/work.ts';
import { openDatabase } from './open.ts';

/** Settings that operators, and other programs' needs, make for a role or a database. */
const hostile: Readonly<Record<string, string>> = {
  search_path: 'elsewhere, public',
  TimeZone: 'Asia/Tokyo',
  DateStyle: 'German',
  IntervalStyle: 'iso_8601',
  bytea_output: 'escape',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  statement_timeout: '250ms',
  lock_timeout: '10ms',
  idle_in_transaction_session_timeout: '10ms',
  idle_session_timeout: '500ms',
};

const show = `SELECT name, pg_catalog.current_setting(name) AS value
  FROM unnest(ARRAY['${Object.keys(hostile).join("','")}']) AS setting(name)`;

describe.runIf(testDatabaseKind() === 'postgresql')('O6: whatever the role and the database say', () => {
  let db: Database;
  let plain: Client;
  let url: string;
  const warnings: string[] = [];
  beforeAll(async () => {
    const created = await createPostgresDatabase('template1');
    url = created.url;
    plain = new Client({ connectionString: url });
    await plain.connect();
    await plain.query('CREATE SCHEMA elsewhere');
    await plain.query('CREATE TABLE elsewhere.supervisors (id int)');
    for (const [name, value] of Object.entries(hostile)) {
      const text = name === 'search_path' ? value : `'${value}'`;
      await plain.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${name} TO ${text}`);
      await plain.query(`ALTER ROLE CURRENT_USER IN DATABASE ${new URL(url).pathname.slice(1)} SET ${name} TO ${text}`);
    }
    db = await openDatabase({ url, onWarning: (message) => warnings.push(message) });
    return async () => {
      await db.close();
      await plain.end();
      await created.drop();
    };
  });

  type Setting = { name: string; value: string };
  const settingsOf = (rows: readonly Setting[]) => Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  const common = {
    search_path: 'public',
    TimeZone: 'UTC',
    DateStyle: 'ISO, MDY',
    IntervalStyle: 'postgres',
    bytea_output: 'hex',
    default_transaction_isolation: 'read committed',
    default_transaction_deferrable: 'off',
    idle_session_timeout: '0',
  };

  test('a plain connection has what they say', async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<Setting>(show);
    await client.end();
    expect(settingsOf(rows)).toMatchObject({ search_path: 'elsewhere, public', statement_timeout: '250ms' });
  });

  test.each(laneNames)('the connections of the lane %s have settings of their own', async (lane) => {
    const [direct, byPrisma] = await db.runAs(ownWork(lane), async () => [
      await db.sql.query<Setting>(show),
      await db.prisma.$queryRawUnsafe<Setting[]>(show),
    ]);
    for (const rows of [direct, byPrisma]) {
      const settings = settingsOf(rows ?? []);
      expect(settings).toMatchObject(common);
      for (const name of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'])
        expect(settings[name], name).not.toBe(hostile[name]);
    }
  });

  test('so have those of short statements and of the log', async () => {
    expect(settingsOf(await db.shortSql.query<Setting>(show))).toMatchObject({ ...common, statement_timeout: '10s' });
    expect(settingsOf(await db.logSql.query<Setting>(show))).toMatchObject({ ...common, statement_timeout: '10s' });
  });

  test('the tables are made and read where they belong', async () => {
    expect(
      await db.sql.query('SELECT schemaname FROM pg_tables WHERE tablename = $1 ORDER BY 1', ['supervisors']),
    ).toEqual([{ schemaname: 'elsewhere' }, { schemaname: 'public' }]);
    expect(await db.sql.query('SELECT id, hostname FROM supervisors')).toEqual([]);
    expect(await db.prisma.supervisor.findMany()).toEqual([]);
  });

  test('idle connections live on, and the listener hears', async () => {
    let wakes = 0;
    const stop = await db.listen('anything', () => {
      wakes += 1;
    });
    const pid = () => db.shortSql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const before = await pid();
    // A connection that has what the role says is ended by then.
    const idle = new Client({ connectionString: url });
    const ended = new Promise((resolve) => idle.once('end', resolve));
    idle.on('error', () => {});
    await idle.connect();
    await ended;
    expect(await pid()).toEqual(before);
    await db.sql.query(`SELECT pg_notify('anything', '')`);
    await expect.poll(() => wakes).toBe(1);
    await stop();
    expect(warnings).toEqual([expect.stringMatching(/search_path .*elsewhere, public.* has no effect/)]);
  });
});
