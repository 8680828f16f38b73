import type { Database, OpenDatabaseOptions } from './database.ts';
import { defaultPoolSize, splitConnections } from './lanes/shares.ts';
import { migrationsFolder } from './migrate.ts';
import { openPGlite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import { DatabaseSetupError } from './setupError.ts';

/**
 * Opens the database and applies the migrations that are missing (several replicas may do so at once).
 *
 * @throws DatabaseSetupError if the database can't be used as configured.
 */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<Database> {
  const settings = {
    onQuery: options.onQuery ?? (() => {}),
    onWarning: options.onWarning ?? (() => {}),
    migrationsDir: options.migrationsDir ?? migrationsFolder,
  };
  if (options.url === undefined) {
    return openPGlite({ ...settings, dataDir: options.dataDir ?? '.data', loadDataDir: options.loadDataDir });
  }
  if (!/^postgres(ql)?:\/\//.test(options.url)) {
    throw new DatabaseSetupError(
      `DATABASE_URL: expected a URL that begins with postgresql://, got one that begins with "${options.url.split(':', 1)[0]}"`,
    );
  }
  if (!URL.canParse(options.url)) {
    throw new DatabaseSetupError(
      'DATABASE_URL: expected postgresql://user:password@host:port/database, got a malformed URL',
    );
  }
  const shares = splitConnections(options.poolSize ?? defaultPoolSize);
  return openPostgres({
    ...settings,
    url: options.url,
    shares: { ...shares, sweeps: options.sweepConnections ?? shares.sweeps },
    operationTimeoutMs: options.operationTimeoutMs ?? 10_000,
    answerTimeoutMs: options.answerTimeoutMs ?? 10_000,
  });
}
