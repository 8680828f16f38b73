import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { diffAgainstSchema } from '../../scripts/schemaDiff.ts';
import { addMigration, copyOfMigrations, migrationNames, reopener } from '../../testing/migrationFolders.ts';
import { createPostgresDatabase, openTestDatabase, testDatabaseKind } from '../../testing/testDatabase.ts';
import type { Database } from '../database.ts';
import { openDatabase } from '../open.ts';
import { DatabaseSetupError } from '../setup/setupError.ts';
import { createSteps } from '../setup/steps.ts';
import { migrationsFolder } from './folder.ts';
import { migrate } from './migrate.ts';

const names = await migrationNames();
const [oldest = ''] = names;
const newest = names.at(-1) ?? '';
/** A later migration's name. */
const later = '29991231000000_later';

async function setupErrorOf(opening: Promise<Database>): Promise<string> {
  try {
    await (await opening).close();
  } catch (error) {
    if (error instanceof DatabaseSetupError) return error.message;
    throw error;
  }
  throw new Error('expected the database to be refused');
}

test('migrations are in once the database is open, all of them, in their order', async () => {
  const db = await openTestDatabase();
  onTestFinished(() => db.close());
  expect(await db.appliedMigrations()).toEqual(names);
});

test('a database newer than the code is refused, naming both versions', async () => {
  const open = await reopener();
  const newer = await copyOfMigrations();
  await addMigration(newer, later, 'SELECT 1;');
  await (await open({ migrationsDir: newer })).close();
  expect(await setupErrorOf(open())).toBe(
    `the database is at migration ${later}, this server knows migrations up to ${newest}: ` +
      `${later} is unknown here. Start a server at least as new as the database.`,
  );
});

test('a database from before the baseline is refused, with what to do', async () => {
  const open = await reopener();
  const db = await open();
  await db.sql.query(`UPDATE _prisma_migrations SET migration_name = '20261124000000_tables'`);
  await db.close();
  expect(await setupErrorOf(open())).toBe(
    `the database's history begins with migration 20261124000000_tables, this server's with ${oldest}: it was made by a ` +
      'version from before the first release, or by another program, and can not be upgraded. Start with an empty ' +
      'database (another DATABASE_URL or MUSTER_DATA_DIR).',
  );
});

test('a database that was built with another text of a migration is refused, naming it', async () => {
  const edited = await copyOfMigrations();
  await appendFile(join(edited, oldest, 'migration.sql'), '-- as if nothing had been released\n');
  expect(await setupErrorOf(openTestDatabase({ migrationsDir: edited }))).toContain(
    `migration ${oldest} differs from the one that the database was built with`,
  );
});

test('a migration that someone began and never finished is refused, with what mends it', async () => {
  const open = await reopener();
  const db = await open();
  await db.sql.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES ('x', 'y', '${later}', now())`,
  );
  await db.close();
  expect(await setupErrorOf(open())).toMatch(/_later was begun and never finished.*prisma migrate resolve/);
});

test('a database older than the code is brought up to it, once', async () => {
  const open = await reopener();
  const newer = await copyOfMigrations();
  await addMigration(newer, later, 'CREATE TABLE newer (id INT); INSERT INTO newer VALUES (1);');
  for (let times = 0; times < 2; times++) {
    const db = await open({ migrationsDir: newer });
    expect(await db.appliedMigrations()).toEqual([...names, later]);
    expect(await db.sql.query('SELECT id FROM newer')).toEqual([{ id: 1 }]);
    await db.close();
  }
});

test('a migration that fails leaves nothing behind, and the next start tries it again', async () => {
  const open = await reopener();
  const folder = await copyOfMigrations();
  await addMigration(folder, later, 'CREATE TABLE half (id INT); SELECT 1 / 0;');
  await expect(open({ migrationsDir: folder })).rejects.toThrow('division by zero');
  await writeFile(join(folder, later, 'migration.sql'), 'CREATE TABLE half (id INT);');
  const db = await open({ migrationsDir: folder });
  expect(await db.appliedMigrations()).toEqual([...names, later]);
  await db.close();
});

describe.runIf(testDatabaseKind() === 'postgresql')('on a server that several processes share', () => {
  test('replicas that open an empty database at once take turns', async () => {
    const { url, drop } = await createPostgresDatabase('template0');
    onTestFinished(drop);
    const replicas = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ url, poolSize: 1 })));
    for (const replica of replicas) {
      expect(await replica.appliedMigrations()).toEqual(names);
      await replica.close();
    }
  });

  test('a role that may not create tables opens a database that is up to date', async () => {
    const { url, drop } = await createPostgresDatabase();
    const role = new URL(url).pathname.slice(1).replace('test', 'role');
    const owner = await openDatabase({ url, poolSize: 1 });
    onTestFinished(async () => {
      await owner.sql.query(`DROP OWNED BY ${role}`);
      await owner.sql.query(`DROP ROLE ${role}`);
      await owner.close();
      await drop();
    });
    await owner.sql.query(`CREATE ROLE ${role}`);
    await owner.sql.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
    await owner.sql.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
    await owner.sql.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO ${role}`);
    const readerUrl = new URL(url);
    readerUrl.searchParams.set('options', `-c role=${role}`);
    const reader = await openDatabase({ url: readerUrl.href, poolSize: 1 });
    expect(await reader.sql.query('SELECT current_user AS name')).toEqual([{ name: role }]);
    await expect(reader.sql.query('CREATE TABLE t (id INT)')).rejects.toThrow('permission denied');
    await reader.close();
  });
});

describe.runIf(testDatabaseKind() === 'pglite')('schema.prisma and the migrations (read through PGlite)', () => {
  let pglite: PGlite;
  beforeAll(async () => {
    pglite = new PGlite();
    const sql = {
      query: async <Row extends object>(statement: string | { text: string }, values: readonly unknown[] = []) =>
        (await pglite.query<Row>(typeof statement === 'string' ? statement : statement.text, [...values])).rows,
    };
    await migrate(
      { sql, script: async (text) => void (await pglite.exec(text)) },
      { folder: migrationsFolder, apply: true, steps: createSteps(() => {}), onStep: () => {}, onDelay: () => {} },
    );
    return () => pglite.close();
  });

  test('say the same', async () => {
    expect((await diffAgainstSchema(pglite)).trim()).toBe('-- This is an empty migration.');
  });

  test('are seen to differ by a column, an index, a default, a type’s value', async () => {
    await pglite.exec(`
      ALTER TABLE supervisors ADD COLUMN extra TEXT;
      DROP INDEX plugins_domain_id_id_idx;
      ALTER TABLE supervisors ALTER COLUMN priority DROP DEFAULT;
      ALTER TYPE plugin_state ADD VALUE 'GONE';`);
    const diff = await diffAgainstSchema(pglite);
    expect(diff).toContain('DROP COLUMN "extra"');
    expect(diff).toContain('CREATE INDEX "plugins_domain_id_id_idx"');
    expect(diff).toContain('ALTER COLUMN "priority" SET DEFAULT 0');
    expect(diff).toContain('plugin_state');
  });
});
