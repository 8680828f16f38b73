import { inject } from 'vitest';
import type { Database, OpenDatabaseOptions } from '../src/database.ts';
import { openDatabase } from '../src/open.ts';
import { openPGliteFrom } from './sharedPGlite.ts';
import './provided.ts';
import { createPostgresDatabase } from './postgresDatabases.ts';
import { hold } from './testWorker.ts';
import { administrationUrl } from './versions.ts';

export type TestDatabaseKind = 'pglite' | 'postgresql';

export { openForTests } from './openForTests.ts';
export { administer, createPostgresDatabase } from './postgresDatabases.ts';
export { childEnv, spawnGuarded } from './processGuard.ts';
export { administrationUrl };

/** Which database this run of the suite is against. */
export function testDatabaseKind(): TestDatabaseKind {
  return process.env.MUSTER_TEST_DATABASE as TestDatabaseKind;
}

/** A migrated, empty database for the caller alone; `close` also drops it. */
export async function openTestDatabase(
  options: Pick<OpenDatabaseOptions, 'onQuery' | 'migrationsDir'> = {},
): Promise<Database> {
  const db =
    testDatabaseKind() === 'pglite' ? await openPGliteFrom(pgliteTemplate(), options) : await openOnPostgres(options);
  const close = db.close;
  const released = hold(`a database (${db.kind})`, close);
  await sweepNow(db);
  return {
    ...db,
    close: async () => {
      released();
      await close();
    },
  };
}

/** The folder with the migrated cluster, `cluster`, and its dump, `dump.tar`. */
export function pgliteTemplate(): string {
  const { pglite } = inject('templates');
  if (pglite === undefined) throw new Error('expected a run with PGlite');
  return pglite;
}

async function openOnPostgres(options: OpenDatabaseOptions): Promise<Database> {
  const { url, drop } = await createPostgresDatabase();
  try {
    // Tests run everything as the control plane's own work, and hold several transactions open.
    const db = await openDatabase({ url, sweepConnections: 5, ...options });
    return {
      ...db,
      close: async () => {
        await db.close();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

/** The template may have lain for long: to a server that begins on it now, that would be an outage (L5). */
async function sweepNow(db: Database): Promise<void> {
  await db.sql.query('UPDATE control_plane SET last_sweep_at = now()');
}
