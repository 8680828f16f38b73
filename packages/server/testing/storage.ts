import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '@muster/db';
import { createPostgresDatabase, pgliteTemplate, testDatabaseKind } from '@muster/db/testing';

/** Where a server that is another process keeps its data: a database of this run's kind, migrated and empty. */
export interface TestStorage {
  /** The environment variables that make a server use it. */
  readonly env: Record<string, string>;
  /** Opens it from here; the embedded database only while no server runs on it. */
  open(): Promise<Database>;
  remove(): Promise<void>;
}

export async function createStorage(): Promise<TestStorage> {
  if (testDatabaseKind() === 'postgresql') {
    const { url, drop } = await createPostgresDatabase();
    return { env: { DATABASE_URL: url }, open: () => openDatabase({ url }), remove: drop };
  }
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-'));
  const dataDir = join(folder, 'data');
  await cp(join(pgliteTemplate(), 'cluster'), dataDir, { recursive: true });
  return {
    env: { MUSTER_DATA_DIR: dataDir },
    open: () => openDatabase({ dataDir }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
