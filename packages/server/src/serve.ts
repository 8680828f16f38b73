import { once } from 'node:events';
import { readConfig, unknownVariables } from './config/config.ts';
import { createLog, isForPeople } from './observe/log.ts';
import { textOfFailure } from './startFailure.ts';
import { startServer } from './startServer.ts';

/** Runs a server until `signal` comes. A start that fails writes a line to standard error, and the exit code is 1. */
export async function serve(signal: AbortSignal): Promise<void> {
  try {
    await run(signal);
  } catch (error) {
    process.stderr.write(`Muster can't start: ${textOfFailure(error)}\n`);
    process.exitCode = 1;
  }
}

async function run(signal: AbortSignal): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config);
  for (const warning of unknownVariables(process.env)) log.warn(warning);
  const server = await startServer(config, log, signal).catch((error: unknown) => {
    // Whatever failed then failed by the signal.
    if (signal.aborted) return null;
    throw error;
  });
  if (server === null) return log.info('stopped');
  if (server.open) {
    log.warn('No credentials are configured: whoever can reach this address is ADMIN. It listens on loopback only.');
  }
  if (config.DATABASE_URL === undefined) {
    log.info(`The database is the embedded one, in ${config.MUSTER_DATA_DIR}; set DATABASE_URL for PostgreSQL.`);
  }
  const base = `${server.url}${config.MUSTER_BASE_PATH}`;
  log.info(`gRPC answers at ${server.grpcAddress}; REST is described at ${base}/plugin/v1/docs.`);
  log.info(`Muster is ready. Playground: ${base}/graphql${isForPeople(config) ? advice(base) : ''}`);
  if (!signal.aborted) await once(signal, 'abort');
  await server.stop().then(
    () => log.info('stopped'),
    () => process.exit(1),
  );
}

/** How a person who just started a server goes on. */
function advice(base: string): string {
  return `

  All that there is   ${base}/
  A fleet to watch    npx -y pnpm@12 demo   (in another terminal)
  How to use it       README.md, docs/
  To stop             Ctrl+C
`;
}
