import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { migrationsFolder } from '../src/migrate.ts';
import { openDatabase } from '../src/open.ts';
import { administrationUrl, databaseUrl, type TestDatabaseKind } from './testDatabase.ts';

/** Makes, once for as long as the migrations stay the same, what each test file's database is cloned from. */
export default async function setup(project: TestProject): Promise<void> {
  const kind = project.config.env.MUSTER_TEST_DATABASE as TestDatabaseKind | undefined;
  if (kind === undefined) return;
  const version = await migrationsVersion();
  project.provide('template', kind === 'pglite' ? await makeDump(version) : await makeTemplate(version));
}

/** A dump of a migrated PGlite cluster: it opens in a fraction of the time that making one takes. */
async function makeDump(version: string): Promise<string> {
  const folder = join(import.meta.dirname, '../node_modules/.cache/muster');
  const file = join(folder, `pglite-${version}.tar`);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).includes(`pglite-${version}.tar`)) return file;
  const empty = await PGlite.create();
  const blank = await empty.dumpDataDir('none');
  await empty.close();
  const data = `${file}.${process.pid}`;
  const db = await openDatabase({ dataDir: `${data}.cluster`, loadDataDir: blank });
  await db.close();
  const migrated = await PGlite.create(`${data}.cluster`);
  await writeFile(data, Buffer.from(await (await migrated.dumpDataDir('none')).arrayBuffer()));
  await migrated.close();
  await rm(`${data}.cluster`, { recursive: true });
  await rename(data, file);
  return file;
}

/** A migrated PostgreSQL database for CREATE DATABASE ... TEMPLATE. */
async function makeTemplate(version: string): Promise<string> {
  const name = `muster_template_${version}`;
  const client = new Client({ connectionString: administrationUrl });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) {
      await client.query(`CREATE DATABASE ${name}_new`);
      await (await openDatabase({ url: databaseUrl(`${name}_new`) })).close();
      await client.query(`ALTER DATABASE ${name}_new RENAME TO ${name}`);
    }
  } finally {
    await client.end();
  }
  return name;
}

async function migrationsVersion(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(migrationsFolder)).sort()) {
    if (name.includes('.')) continue;
    hash.update(await readFile(join(migrationsFolder, name, 'migration.sql')));
  }
  return hash.digest('hex').slice(0, 12);
}
