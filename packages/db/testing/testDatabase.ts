import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { inject } from 'vitest';
import type { Database, OpenDatabaseOptions } from '../src/database.ts';
import { openDatabase } from '../src/open.ts';
import { administrationUrl } from './versions.ts';

export type TestDatabaseKind = 'pglite' | 'postgresql';

export { administrationUrl };

/** A database's URL. Its sessions wait for no disk: a test's data need not outlive PostgreSQL. */
export function databaseUrl(name: string): string {
  const url = new URL(administrationUrl);
  url.pathname = `/${name}`;
  url.searchParams.set('options', '-c synchronous_commit=off');
  return url.href;
}

/** Which database this run of the suite is against. */
export function testDatabaseKind(): TestDatabaseKind {
  return process.env.MUSTER_TEST_DATABASE as TestDatabaseKind;
}

/** A migrated, empty database of the caller's own; `close` also drops it. */
export async function openTestDatabase(options: OpenDatabaseOptions = {}): Promise<Database> {
  const template = inject('template');
  if (testDatabaseKind() === 'pglite') {
    const db = await openDatabase({
      dataDir: 'memory://',
      loadDataDir: new Blob([await readFile(join(template, 'dump.tar'))]),
      ...options,
    });
    await sweepNow(db);
    return db;
  }
  const { url, drop } = await createPostgresDatabase(template);
  let db: Database;
  try {
    db = await openDatabase({ url, ...options });
    await sweepNow(db);
  } catch (error) {
    await drop();
    throw error;
  }
  return {
    ...db,
    close: async () => {
      await db.close();
      await drop();
    },
  };
}

/** The template may have lain for long: to a server that begins on it now, that would be an outage (L5). */
async function sweepNow(db: Database): Promise<void> {
  await db.sql.query('UPDATE control_plane SET last_sweep_at = now()');
}

/** A PostgreSQL database made from the template, for tests whose server is another process. */
export async function createPostgresDatabase(
  template = inject('template'),
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `muster_test_${randomBytes(6).toString('hex')}`;
  await administer(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  return { url: databaseUrl(name), drop: () => administer(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: administrationUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    /** PGlite: a folder with a migrated cluster. PostgreSQL: the name of a template database. */
    template: string;
  }
}
