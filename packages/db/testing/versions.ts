import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client } from 'pg';

/** The PostgreSQL that tests use where it is reachable; MUSTER_TEST_POSTGRES_URL names another. */
export const administrationUrl =
  process.env.MUSTER_TEST_POSTGRES_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres';

/** The most connections that a test file has open: those of one test database, or a server and a few beside it. */
export const connectionsOfTestFile = 30;

/** A PostgreSQL's version, and how many connections it takes. */
export interface FoundPostgres {
  readonly version: string;
  readonly maxConnections: number;
}

/** The PostgreSQL at `administrationUrl`; undefined where none answers. */
export async function findPostgres(): Promise<FoundPostgres | undefined> {
  const client = new Client({ connectionString: administrationUrl, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<FoundPostgres>(
      `SELECT current_setting('server_version') AS version, current_setting('max_connections')::int AS "maxConnections"`,
    );
    return rows[0];
  } catch (error) {
    // One that is there and refuses is a mistake to mend, not a reason to test less.
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') return undefined;
    throw new Error(`the tests' PostgreSQL at ${new URL(administrationUrl).host} can't be used: ${error}`);
  } finally {
    await client.end().catch(() => {});
  }
}

/** The version of the PGlite package. */
export async function readPGliteVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const manifest = JSON.parse(await readFile(join(dirname(entry), '../package.json'), 'utf8'));
  return String(manifest.version);
}
