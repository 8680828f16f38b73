import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { openCore, type Viewer } from '@muster/core';
import { type Database, openDatabase } from '@muster/db';
import { buildSchema } from '@muster/schema';
import { type Config, refuseOpenToTheWorld } from './config/config.ts';
import { toClientError } from './errors/clientError.ts';
import { createEngine } from './graphql/engine.ts';
import { createDrain } from './http/gracefulClose.ts';
import { createHttpServer } from './http/httpServer.ts';
import { createUsage } from './limits/concurrencyLimit.ts';
import { createOperationCosts } from './limits/operationCost.ts';
import { createRequestRate } from './limits/rateLimiter.ts';
import { createSharedSubscriptions } from './live/sharedSubscriptions.ts';
import { createHealth } from './observe/health.ts';
import type { Log } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { logAttempt } from './observe/refusalLog.ts';
import { createSweepLog } from './observe/sweepLog.ts';
import { createResources, type Resources } from './resources.ts';
import { createOperations } from './websocket/protocol.ts';
import { serveWebSockets } from './websocket/webSocketServer.ts';
import { startGrpc } from './wire/grpc/grpcServer.ts';
import { loadProtocol } from './wire/proto/protocol.ts';
import { createRest } from './wire/rest/rest.ts';

export interface RunningServer {
  /** Where it answers: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where it answers gRPC: `127.0.0.1:50051`. */
  readonly grpcAddress: string;
  /** A5: whether it lets everybody in, since there is no credential to ask for. */
  readonly open: boolean;
  /** What it carries at present, for monitoring: streams that read the event hub, and groups of equal subscriptions. */
  load(): { streams: number; groups: number };
  /** Ends everything in order; idempotent. */
  stop(): Promise<void>;
}

/**
 * Opens the database and starts everything over it.
 *
 * @throws DatabaseSetupError, or the system's error when the address can't be listened on.
 */
export async function startServer(config: Config, log: Log): Promise<RunningServer> {
  const db = await openDatabase({
    url: config.DATABASE_URL,
    dataDir: config.MUSTER_DATA_DIR,
    poolSize: config.MUSTER_DATABASE_POOL_SIZE,
    onWarning: (message, error) => log.warn({ err: error }, message),
  });
  return startOver(db, config, log);
}

/**
 * Starts everything in order over an open database, which is closed with the server; what a failed start had
 * already opened is closed again.
 */
export async function startOver(db: Database, config: Config, log: Log): Promise<RunningServer> {
  const resources = createResources((name, error) => log.error({ err: error }, `${name} could not be closed`));
  resources.add('the database', () => db.close());
  try {
    return await start(db, config, log, resources);
  } catch (error) {
    await resources.release().catch(() => {});
    throw error;
  }
}

async function start(db: Database, config: Config, log: Log, resources: Resources): Promise<RunningServer> {
  const onWarning = (message: string, error: unknown) => log.warn({ err: error }, message);
  const metrics = createMetrics();
  const logSweep = createSweepLog(log);
  const { core, close: closeCore } = await openCore(db, {
    settings: settingsFrom(config),
    jwt: {
      secret: config.MUSTER_JWT_SECRET,
      jwksUrl: config.MUSTER_JWKS_URL,
      issuer: config.MUSTER_JWT_ISSUER,
      audience: config.MUSTER_JWT_AUDIENCE,
      clockSkewSeconds: config.MUSTER_JWT_CLOCK_SKEW_SECONDS,
    },
    onWarning,
    onSwept: (swept) => {
      metrics.swept(swept);
      logSweep(swept);
    },
  });
  resources.add('the event tail and the sweeps', closeCore);

  const { access } = core;
  refuseOpenToTheWorld(config, access);
  const rate = createRequestRate({ perSecond: config.MUSTER_REQUESTS_PER_SECOND, now: () => performance.now() });
  const counted = (viewer: Viewer) => {
    rate.take(viewer);
    return viewer;
  };
  /** Whom a request is from, whichever front it came by; counted as one request of that viewer's. */
  const viewerOf = (token: string | null) => {
    const viewer = access.authenticate(token);
    return viewer instanceof Promise ? viewer.then(counted) : counted(viewer);
  };
  const health = createHealth(db);
  const mask = (error: unknown) => {
    const known = toClientError(error, (errorId, cause) => log.error({ err: cause, errorId }, 'an operation failed'));
    // What was masked before comes by again on its way out.
    if (known !== error) {
      metrics.refused(String(known.extensions.code));
      logAttempt(log, error);
    }
    return known;
  };
  const schema = buildSchema();
  const costs = createOperationCosts({
    schema,
    maxCost: config.MUSTER_MAX_COST,
    maxPageSize: config.MUSTER_MAX_PAGE_SIZE,
    rate,
  });
  const yoga = createEngine({ schema, core, config, costs, mask });
  const live = createSharedSubscriptions({
    core,
    bufferEvents: config.MUSTER_SUBSCRIPTION_BUFFER_EVENTS,
    bufferBytes: config.MUSTER_SUBSCRIPTION_BUFFER_BYTES,
    usage: createUsage('subscriptions', config.MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL),
    mask,
  });
  const protocol = loadProtocol();
  const rest = createRest({
    core,
    access,
    origins: config.MUSTER_CORS_ORIGINS,
    protocol,
    viewerOf,
    mask,
    maxBodyBytes: config.MUSTER_MAX_BODY_BYTES,
  });
  const server = createHttpServer({
    rest,
    access,
    origins: config.MUSTER_CORS_ORIGINS,
    viewerOf,
    mask,
    yoga,
    health,
    metrics,
    config,
    log,
  });
  resources.add('the HTTP server', createDrain(server));
  // Streams over HTTP end by themselves only when their subscriptions do.
  resources.add('the subscriptions', async () => core.hub.close());
  const webSockets = serveWebSockets({
    server,
    operations: createOperations({
      yoga,
      live,
      access,
      rate,
      costs,
      connections: createUsage('connections', config.MUSTER_MAX_CONNECTIONS_PER_CREDENTIAL),
      maxOperationsPerConnection: config.MUSTER_MAX_OPERATIONS_PER_CONNECTION,
      mask,
    }),
    access,
    origins: config.MUSTER_CORS_ORIGINS,
    mask,
    maxMessageBytes: config.MUSTER_MAX_BODY_BYTES,
    maxConnections: config.MUSTER_MAX_CONNECTIONS,
    log,
  });
  metrics.watch({ core, live, sockets: webSockets.count });
  resources.add('the WebSockets', webSockets.close);
  const grpc = await startGrpc({
    core,
    protocol,
    health,
    viewerOf,
    mask,
    host: config.HOST,
    port: config.GRPC_PORT,
    maxMessageBytes: config.MUSTER_MAX_BODY_BYTES,
  });
  resources.add('the gRPC server', grpc.stop);
  resources.add('readiness', async () => health.beginStopping());

  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  const { address, family, port } = server.address() as AddressInfo;
  const load = () => ({ streams: core.hub.openQueues, groups: live.groups });
  const host = family === 'IPv6' ? `[${address}]` : address;
  return {
    url: `http://${host}:${port}`,
    grpcAddress: grpc.address,
    open: access.open,
    load,
    stop: () => resources.release(),
  };
}

function settingsFrom(config: Config) {
  return {
    publishIntervalMs: config.MUSTER_PUBLISH_INTERVAL_MS,
    publishesPerSecond: config.MUSTER_PUBLISHES_PER_SECOND,
    leaseSeconds: config.MUSTER_LEASE_SECONDS,
    provisioningDeadlineSeconds: config.MUSTER_PROVISIONING_DEADLINE_SECONDS,
    replaceAfterSeconds: config.MUSTER_REPLACE_AFTER_SECONDS,
    eventRetentionDays: config.MUSTER_EVENT_RETENTION_DAYS,
    subscriptionBufferEvents: config.MUSTER_SUBSCRIPTION_BUFFER_EVENTS,
    eventPollMs: config.MUSTER_EVENT_POLL_MS,
    sweepIntervalMs: config.MUSTER_SWEEP_INTERVAL_MS,
    limits: { pageSize: config.MUSTER_MAX_PAGE_SIZE },
  };
}
