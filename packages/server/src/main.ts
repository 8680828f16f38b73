import { DatabaseSetupError } from '@muster/db';
import { readConfig, unknownVariables } from './config/config.ts';
import { ConfigError } from './config/configError.ts';
import { createLog } from './observe/log.ts';
import { startServer } from './server.ts';

/** From the signal until the process is forced to end. */
const stopWithinMs = 10_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config);
  for (const warning of unknownVariables(process.env)) log.warn(warning);
  const server = await startServer(config, log);
  if (server.open) {
    log.warn('No credentials are configured: whoever can reach this address is ADMIN. It listens on loopback only.');
  }
  if (config.DATABASE_URL === undefined) {
    log.info(`The database is the embedded one, in ${config.MUSTER_DATA_DIR}; set DATABASE_URL for PostgreSQL.`);
  }
  log.info(
    `gRPC answers at ${server.grpcAddress}; REST is described at ${server.url}${config.MUSTER_BASE_PATH}/plugin/v1/docs.`,
  );
  log.info(`Muster is ready. Playground: ${server.url}${config.MUSTER_BASE_PATH}/graphql`);

  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) {
        log.fatal(`${signal} again: not waiting any longer`);
        process.exit(1);
      }
      stopping = true;
      log.info(`${signal}: stopping`);
      setTimeout(() => process.exit(1), stopWithinMs).unref();
      server.stop().then(
        () => log.info('stopped'),
        () => process.exit(1),
      );
    });
  }
}

/** Whether its message says all that the person who starts the server needs to know; others are shown with their stack. */
function isExpected(error: unknown): error is Error {
  if (error instanceof ConfigError || error instanceof DatabaseSetupError) return true;
  // The system refuses, or the database does: no such database, a wrong password.
  return error instanceof Error && ('syscall' in error || ('severity' in error && error.severity === 'FATAL'));
}

main().catch((error: unknown) => {
  const reason = isExpected(error) ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`Muster can't start: ${reason}\n`);
  process.exitCode = 1;
});
