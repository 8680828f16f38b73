import { leastPoolSize, openDatabase } from '@muster/db';
import type { Config } from '../config/config.ts';
import type { Output } from './output.ts';

/** O9: applies the migrations that the database lacks. @throws DatabaseSetupError */
export async function migrateDatabase(config: Config, { out, say }: Output): Promise<void> {
  const db = await openDatabase({
    url: config.DATABASE_URL,
    dataDir: config.MUSTER_DATA_DIR,
    poolSize: leastPoolSize,
    proveConnections: true,
    startTimeoutMs: config.MUSTER_START_TIMEOUT_SECONDS * 1_000,
    onStep: say,
    onDelay: say,
    onWarning: say,
  });
  try {
    out(`the database is at migration ${(await db.appliedMigrations()).at(-1)}`);
  } finally {
    await db.close();
  }
}
