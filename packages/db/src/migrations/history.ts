import { randomUUID } from 'node:crypto';
import { DatabaseSetupError } from '../setup/setupError.ts';
import type { Sql } from '../sql.ts';
import type { Migration } from './folder.ts';

interface AppliedMigration {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** Prisma's own table, so that `prisma migrate status` and `deploy` understand this history. */
const createTable = `
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

/** Reads the names of the applied migrations, oldest first; none if there is no history. */
export async function appliedMigrations(sql: Sql): Promise<string[]> {
  if (!(await hasHistory(sql))) return [];
  return (await readHistory(sql)).map((row) => row.migration_name);
}

/**
 * The migrations that the database lacks, oldest first.
 *
 * @throws DatabaseSetupError when the database is newer than this code, its history differs from the code's, or it has
 * tables and no history
 */
export async function lackingMigrations(sql: Sql, known: readonly Migration[]): Promise<Migration[]> {
  if (!(await hasHistory(sql))) {
    await refuseForeignTables(sql);
    return [...known];
  }
  const applied = await readHistory(sql);
  refuseForeignHistory(known, applied);
  return known.slice(applied.length);
}

/** Makes the history, if there is none. Looked for first, since making it takes a right, even where it is there. */
export async function makeHistory(sql: Sql): Promise<void> {
  if (!(await hasHistory(sql))) await sql.query(createTable);
}

/** Notes that a migration is applied. */
export async function noteApplied(sql: Sql, { name, checksum }: Migration): Promise<void> {
  await sql.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, started_at, applied_steps_count)
     VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp(), 1)`,
    [randomUUID(), checksum, name],
  );
}

async function hasHistory(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ found: boolean }>(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`);
  return row?.found ?? false;
}

function readHistory(sql: Sql): Promise<AppliedMigration[]> {
  return sql.query<AppliedMigration>(
    `SELECT migration_name, checksum, finished_at FROM "_prisma_migrations"
     WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  );
}

/** O11: tables that are there already, but those of extensions, are another program's. */
async function refuseForeignTables(sql: Sql): Promise<void> {
  const tables = await sql.query<{ name: string; schema: string; database: string }>(
    `SELECT c.relname AS name, current_schema() AS schema, current_database() AS database FROM pg_class c
     WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     ORDER BY 1`,
  );
  const [first] = tables;
  if (!first) return;
  const names = tables.slice(0, 3).map(({ name }) => name);
  const shown = tables.length > names.length ? `${names.join(', ')} and ${tables.length - names.length} more` : names;
  throw new DatabaseSetupError(
    `the schema "${first.schema}" of the database "${first.database}" has tables that are not Muster's (${shown}): ` +
      'name an empty database, or another schema by ?schema= in DATABASE_URL',
  );
}

function refuseForeignHistory(known: readonly Migration[], applied: readonly AppliedMigration[]): void {
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
        throw new DatabaseSetupError(
          `migration ${own.name} differs from the one that the database was built with; start the server that built it, or an empty database`,
        );
      }
      continue;
    }
    throw new DatabaseSetupError(
      `the database is at migration ${newest}, this server knows migrations up to ${known.at(-1)?.name}: ` +
        `${row.migration_name} is unknown here. Start a server at least as new as the database.`,
    );
  }
}
