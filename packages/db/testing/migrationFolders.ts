import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Database, OpenDatabaseOptions } from '../src/database.ts';
import { migrationsFolder } from '../src/migrations/folder.ts';
import { openDatabase } from '../src/open.ts';
import { createPostgresDatabase } from './postgresDatabases.ts';
import { pgliteTemplate, testDatabaseKind } from './testDatabase.ts';

/** The names of the repository's migrations, oldest first. */
export async function migrationNames(): Promise<string[]> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** A folder of migrations to change, with those of the repository in it. It is removed with the test. */
export async function copyOfMigrations(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(migrationsFolder, folder, { recursive: true });
  return folder;
}

/** Adds a migration to a folder. */
export async function addMigration(folder: string, name: string, text: string): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'migration.sql'), text);
}

/** Opens one migrated database again and again, each time as another server's code would. */
export async function reopener(): Promise<(options?: OpenDatabaseOptions) => Promise<Database>> {
  if (testDatabaseKind() === 'postgresql') {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    return (options) => openDatabase({ url, ...options });
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'muster-data-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const loadDataDir = new Blob([await readFile(join(pgliteTemplate(), 'dump.tar'))]);
  let opened = false;
  return (options) => {
    const first = !opened;
    opened = true;
    return openDatabase({ dataDir, ...(first ? { loadDataDir } : {}), ...options });
  };
}
