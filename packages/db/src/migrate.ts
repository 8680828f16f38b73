import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSetupError } from './setupError.ts';
import type { Sql } from './sql.ts';

/** The folder of the repository's migrations. */
export const migrationsFolder = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** The advisory lock that `prisma migrate deploy` takes, so that it and a starting server take turns. */
const prismaMigrationLock = 72707369;

/** One connection, for statements that must run one after another on it. */
export interface MigrationConnection {
  readonly sql: Sql;
  /** Runs a script of several statements, which may include BEGIN and COMMIT. */
  script(text: string): Promise<void>;
}

interface Migration {
  name: string;
  checksum: string;
  text: string;
}

interface AppliedMigration {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/** Prisma's own table, so that `prisma migrate status` and `deploy` understand this history. */
const createHistory = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL,
    "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

/**
 * Applies the migrations that the database lacks, each in its own transaction. One process migrates at a
 * time; the others wait and then find nothing to do.
 *
 * @throws DatabaseSetupError when the database is newer than this code, or its history differs from it.
 */
export async function migrate(connection: MigrationConnection, folder: string): Promise<void> {
  const { sql } = connection;
  await sql.query('SELECT pg_advisory_lock($1::bigint)', [prismaMigrationLock]);
  try {
    // Checked first: a read-only role must be able to use the database without the right to create tables.
    if (!(await hasHistory(sql))) await sql.query(createHistory);
    const known = await readMigrations(folder);
    const applied = await readHistory(sql);
    refuseForeignHistory(known, applied);
    for (const migration of known.slice(applied.length)) {
      await apply(connection, migration);
    }
  } finally {
    await sql.query('SELECT pg_advisory_unlock($1::bigint)', [prismaMigrationLock]);
  }
}

/** Reads the names of the applied migrations, oldest first; none if there is no history. */
export async function appliedMigrations(sql: Sql): Promise<string[]> {
  if (!(await hasHistory(sql))) return [];
  return (await readHistory(sql)).map((row) => row.migration_name);
}

async function hasHistory(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ found: boolean }>(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`);
  return row?.found ?? false;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const text = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

function readHistory(sql: Sql): Promise<AppliedMigration[]> {
  return sql.query<AppliedMigration>(
    `SELECT migration_name, checksum, finished_at FROM "_prisma_migrations"
     WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  );
}

function refuseForeignHistory(known: Migration[], applied: AppliedMigration[]): void {
  const failed = applied.find((row) => row.finished_at === null);
  if (failed) {
    throw new DatabaseSetupError(
      `the database's migration ${failed.migration_name} was begun and never finished; mend it with "prisma migrate resolve"`,
    );
  }
  const newest = applied.at(-1)?.migration_name;
  const first = applied[0]?.migration_name;
  if (first !== undefined && first !== known[0]?.name) {
    throw new DatabaseSetupError(
      `the database's history begins with migration ${first}, this server's with ${known[0]?.name}: it was made by a ` +
        'version from before the first release, or by another program, and can not be upgraded. Start with an empty ' +
        'database (another DATABASE_URL or MUSTER_DATA_DIR).',
    );
  }
  for (const [index, row] of applied.entries()) {
    const own = known[index];
    if (own?.name === row.migration_name) {
      if (own.checksum !== row.checksum) {
        throw new DatabaseSetupError(`migration ${own.name} differs from the one that the database was built with`);
      }
      continue;
    }
    throw new DatabaseSetupError(
      `the database is at migration ${newest}, this server knows migrations up to ${known.at(-1)?.name}: ` +
        `${row.migration_name} is unknown here. Start a server at least as new as the database.`,
    );
  }
}

async function apply(connection: MigrationConnection, migration: Migration): Promise<void> {
  await connection.script('BEGIN');
  try {
    await connection.script(migration.text);
    await connection.sql.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, started_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await connection.script('COMMIT');
  } catch (error) {
    await connection.script('ROLLBACK');
    throw error;
  }
}
