import type { Database, OpenDatabaseOptions } from './database.ts';
import { defaultPoolSize, mostConnections, splitConnections } from './lanes/shares.ts';
import { migrationsFolder } from './migrations/folder.ts';
import { openPGlite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import { readDatabaseUrl } from './setup/databaseTarget.ts';
import type { StartOptions } from './setup/prepareDatabase.ts';

/**
 * Opens the database and applies the migrations that are missing (several replicas may do so at once).
 *
 * @throws DatabaseSetupError if the database can't be used as configured; AbortError when the signal comes first.
 */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<Database> {
  const settings = {
    ...startOptionsOf(options),
    onQuery: options.onQuery ?? (() => {}),
  };
  if (options.url === undefined) {
    return openPGlite({ ...settings, dataDir: options.dataDir ?? '.data', loadDataDir: options.loadDataDir });
  }
  const shares = splitConnections(options.poolSize ?? defaultPoolSize);
  return openPostgres({
    ...settings,
    target: readDatabaseUrl(options.url),
    shares: { ...shares, sweeps: options.sweepConnections ?? shares.sweeps },
    operationTimeoutMs: options.operationTimeoutMs ?? 10_000,
    answerTimeoutMs: options.answerTimeoutMs ?? 10_000,
  });
}

function startOptionsOf(options: OpenDatabaseOptions): Omit<StartOptions, 'onQuery'> {
  return {
    onWarning: options.onWarning ?? (() => {}),
    onStep: options.onStep ?? (() => {}),
    onDelay: options.onDelay ?? (() => {}),
    migrationsDir: options.migrationsDir ?? migrationsFolder,
    migrate: options.migrate ?? true,
    startTimeoutMs: options.startTimeoutMs ?? 0,
    proveConnections: options.proveConnections ? mostConnections(options.poolSize ?? defaultPoolSize) : 0,
    signal: options.signal,
  };
}
