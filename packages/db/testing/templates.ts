import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { migrationsFolder } from '../src/migrations/folder.ts';
import { openDatabase } from '../src/open.ts';
import { databaseUrl } from './postgresDatabases.ts';
import type { Templates } from './provided.ts';
import type { TestDatabaseKind } from './testDatabase.ts';
import { administrationUrl, findPostgres, readPGliteVersion } from './versions.ts';

/** Makes the templates of these kinds, once for as long as the migrations stay the same, and prints their versions. */
export async function prepareTemplates(kinds: readonly (TestDatabaseKind | undefined)[]): Promise<Templates> {
  const migrations = await hashMigrations();
  return {
    ...(kinds.includes('pglite') ? { pglite: await prepareCluster(migrations) } : {}),
    ...(kinds.includes('postgresql') ? { postgresql: await prepareTemplate(migrations) } : {}),
  };
}

/**
 * A migrated PGlite cluster, as a folder to copy (`cluster`) and as a dump to load (`dump.tar`): either opens in a
 * fraction of the time that making a cluster takes.
 */
async function prepareCluster(migrations: string): Promise<string> {
  const cache = join(import.meta.dirname, '../node_modules/.cache/muster');
  const prepared = join(cache, `pglite-${await readPGliteVersion()}-${migrations}`);
  await mkdir(cache, { recursive: true });
  if ((await readdir(cache)).every((name) => join(cache, name) !== prepared)) {
    const folder = await mkdtemp(join(tmpdir(), 'muster-prepared-'));
    const cluster = join(folder, 'cluster');
    const blank = await PGlite.create();
    const loadDataDir = await blank.dumpDataDir('none');
    await blank.close();
    await (await openDatabase({ dataDir: cluster, loadDataDir })).close();
    const migrated = await PGlite.create(cluster);
    await writeFile(join(folder, 'dump.tar'), Buffer.from(await (await migrated.dumpDataDir('none')).arrayBuffer()));
    const { rows } = await migrated.query<{ server_version: string }>('SHOW server_version');
    await migrated.close();
    await writeFile(join(folder, 'version'), rows[0]?.server_version ?? '');
    // Another run may have been quicker.
    await rename(folder, prepared).catch(() => rm(folder, { recursive: true }));
  }
  const version = await readFile(join(prepared, 'version'), 'utf8');
  process.stdout.write(`PGlite ${await readPGliteVersion()}, which is PostgreSQL ${version}\n`);
  return prepared;
}

/** A migrated PostgreSQL database for CREATE DATABASE ... TEMPLATE. */
async function prepareTemplate(migrations: string): Promise<string> {
  const name = `muster_template_${migrations}`;
  const client = new Client({ connectionString: administrationUrl });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) {
      // A run that was killed may have left one that is half made.
      await client.query(`DROP DATABASE IF EXISTS ${name}_new WITH (FORCE)`);
      await client.query(`CREATE DATABASE ${name}_new`);
      await (await openDatabase({ url: databaseUrl(`${name}_new`) })).close();
      await client.query(`ALTER DATABASE ${name}_new RENAME TO ${name}`);
    }
  } finally {
    await client.end();
  }
  process.stdout.write(`PostgreSQL ${(await findPostgres())?.version} at ${new URL(administrationUrl).host}\n`);
  return name;
}

async function hashMigrations(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(migrationsFolder)).sort()) {
    if (name.includes('.')) continue;
    hash.update(await readFile(join(migrationsFolder, name, 'migration.sql')));
  }
  return hash.digest('hex').slice(0, 12);
}
