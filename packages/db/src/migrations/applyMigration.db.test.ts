import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addMigration, copyOfMigrations, reopener } from '../../testing/migrationFolders.ts';
import { createPostgresDatabase, testDatabaseKind } from '../../testing/testDatabase.ts';
import { openDatabase } from '../open.ts';
import { createSteps } from '../setup/steps.ts';
import type { ApplyOptions } from './applyMigration.ts';
import { migrate } from './migrate.ts';

const later = '29991231000000_later';
const index = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS "later_idx" ON "supervisors" ("name");\n';

test('O9: an index is made concurrently, by a migration that is that statement', async () => {
  const open = await reopener();
  const folder = await copyOfMigrations();
  await addMigration(folder, later, `-- Large tables are written meanwhile.\n${index}`);
  for (let times = 0; times < 2; times++) {
    const db = await open({ migrationsDir: folder });
    expect((await db.appliedMigrations()).at(-1)).toBe(later);
    expect(await db.sql.query(`SELECT indisvalid FROM pg_index WHERE indexrelid = 'later_idx'::regclass`)).toEqual([
      { indisvalid: true },
    ]);
    await db.close();
  }
});

test.each([
  ['with another statement beside it', `${index}SELECT 1;`],
  ['that fails where it is there already', 'CREATE INDEX CONCURRENTLY "later_idx" ON "supervisors" ("name");'],
])('O9: one %s is refused', async (_title, text) => {
  const open = await reopener();
  const folder = await copyOfMigrations();
  await addMigration(folder, later, text);
  await expect(open({ migrationsDir: folder })).rejects.toThrow(
    /expected CREATE INDEX CONCURRENTLY IF NOT EXISTS "name" ON .* as its one statement/,
  );
});

test('O9: without the right to apply migrations, a database that lacks some is refused, and nothing is applied', async () => {
  const open = await reopener();
  const folder = await copyOfMigrations();
  await addMigration(folder, later, 'CREATE TABLE later ();');
  await expect(open({ migrationsDir: folder, migrate: false })).rejects.toThrow(
    `the database lacks 1 migrations, from ${later} on, and MUSTER_MIGRATE is false: run "muster migrate" first`,
  );
  await (await open({ migrationsDir: folder })).close();
  const db = await open({ migrationsDir: folder, migrate: false });
  expect((await db.appliedMigrations()).at(-1)).toBe(later);
  await db.close();
});

describe.runIf(testDatabaseKind() === 'postgresql')('while others use the database', () => {
  async function connect(url: string, name: string): Promise<Client> {
    const client = new Client({ connectionString: url, application_name: name });
    // Its database may be dropped first.
    client.on('error', () => {});
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  /** A database, a migration that it lacks, and how to apply that. */
  async function lackingOne(text: string) {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const folder = await copyOfMigrations();
    await addMigration(folder, later, text);
    const lines: string[] = [];
    const migrator = await connect(url, 'muster migrations');
    const apply = (options: Partial<ApplyOptions> = {}) =>
      migrate(
        {
          sql: { query: async (statement, values = []) => (await migrator.query(String(statement), [...values])).rows },
          script: async (script) => void (await migrator.query(script)),
        },
        {
          folder,
          apply: true,
          steps: createSteps((line) => lines.push(line), { slowMs: 10, againMs: 10 }),
          onStep: (line) => lines.push(line),
          onDelay: (line) => lines.push(line),
          ...options,
        },
      );
    return { url, lines, apply };
  }

  test('O9: a migration gives up a lock soon, so that nobody waits behind it, says so, and tries again', async () => {
    const { url, lines, apply } = await lackingOne('ALTER TABLE "supervisors" ADD COLUMN "later" TEXT;');
    const dump = await connect(url, 'a dump');
    await dump.query('BEGIN; LOCK TABLE supervisors IN ACCESS SHARE MODE');
    const applied = apply({ lockTimeoutMs: 50 });
    const tries = () => lines.filter((line) => line.startsWith(`migration ${later}: try`));
    await expect.poll(() => tries().length).toBeGreaterThan(1);
    expect(tries()[0]).toMatch(
      /try 1 got no lock within 0\.05 s \(the session \d+ of the role postgres, "a dump", has locks\); trying again in 0\.05 s$/,
    );
    // Readers get through between the tries.
    expect((await (await connect(url, 'a reader')).query('SELECT count(*) FROM supervisors')).rowCount).toBe(1);
    await dump.query('COMMIT');
    await applied;
    expect(lines.at(-1)).toBe(`applied the migration ${later}`);
  });

  test('O9: an index that is made concurrently keeps no writer out, and one that was interrupted is made anew', async () => {
    const { url, apply } = await lackingOne(index);
    const other = await connect(url, 'a long transaction');
    const insert = (id: string) =>
      `INSERT INTO supervisors (id, domain_id, hostname, name) VALUES ('supervisor-${id}', '${id}', '${id}', 'n')`;
    const readIndex = `SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('later_idx')`;
    await other.query('BEGIN');
    await other.query(insert('00000000000a'));

    const interrupted = apply();
    interrupted.catch(() => {});
    const writer = await connect(url, 'a writer');
    await expect.poll(async () => (await writer.query(readIndex)).rows).toEqual([{ indisvalid: false }]);
    await writer.query(insert('00000000000b'));
    await writer.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'muster migrations'`,
    );
    await expect(interrupted).rejects.toThrow(`migration ${later} could not be applied`);

    const again = apply();
    await other.query('COMMIT');
    await again;
    expect((await writer.query(readIndex)).rows).toEqual([{ indisvalid: true }]);
  });

  test('O8: a start that waits for the lock of the migrations says who has it', async () => {
    const { url, lines, apply } = await lackingOne('SELECT 1;');
    const holder = await connect(url, 'prisma migrate');
    await holder.query('SELECT pg_advisory_lock(72707369)');
    const applied = apply();
    const says =
      /^still waiting for the lock of the migrations, for \d+ s: it is held by the session \d+ of the role postgres from 127\.0\.0\.1 \("prisma migrate"\)$/;
    await expect.poll(() => lines).toContainEqual(expect.stringMatching(says));
    await holder.query('SELECT pg_advisory_unlock(72707369)');
    await applied;
    expect(lines.at(-1)).toBe(`applied the migration ${later}`);
  });

  test('O8: the signal to stop ends a wait for the lock, and a migration under way', async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const folder = await copyOfMigrations();
    await addMigration(folder, later, 'SELECT pg_sleep(600);');
    const stop = new AbortController();
    const opening = openDatabase({ url, migrationsDir: folder, signal: stop.signal });
    opening.catch(() => {});
    const observer = await connect(url, 'an observer');
    const running = async () =>
      (
        await observer.query(
          `SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database() AND state = 'active'`,
        )
      ).rowCount;
    await expect.poll(running).toBe(1);
    stop.abort();
    await expect(opening).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    await expect.poll(running).toBe(0);
  });
});
