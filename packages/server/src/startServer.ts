import { openDatabase } from '@muster/db';
import type { Config } from './config/config.ts';
import type { Log } from './observe/log.ts';
import { createRepeatLog } from './observe/repeatLog.ts';
import { type RunningServer, startOver } from './server.ts';

/**
 * Opens the database and starts everything over it.
 *
 * @param signal ends the start
 * @throws DatabaseSetupError or ConfigError that says what to change; AbortError when the signal comes first
 */
export async function startServer(config: Config, log: Log, signal?: AbortSignal): Promise<RunningServer> {
  const db = await openDatabase({
    url: config.DATABASE_URL,
    dataDir: config.MUSTER_DATA_DIR,
    poolSize: config.MUSTER_DATABASE_POOL_SIZE,
    proveConnections: true,
    operationTimeoutMs: config.MUSTER_OPERATION_TIMEOUT_SECONDS * 1_000,
    startTimeoutMs: config.MUSTER_START_TIMEOUT_SECONDS * 1_000,
    migrate: config.MUSTER_MIGRATE,
    signal,
    onStep: (message) => log.info(message),
    onDelay: (message) => log.warn(message),
    onWarning: createRepeatLog(log).warn,
  });
  return startOver(db, config, log, { signal });
}
