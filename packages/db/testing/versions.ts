import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client } from 'pg';

/** The PostgreSQL that tests use where it is reachable; MUSTER_TEST_POSTGRES_URL names another. */
export const administrationUrl =
  process.env.MUSTER_TEST_POSTGRES_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres';

/** The version of the PostgreSQL at `administrationUrl`; undefined where none answers. */
export async function findPostgresVersion(): Promise<string | undefined> {
  const client = new Client({ connectionString: administrationUrl, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version;
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
