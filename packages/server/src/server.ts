import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Core, openCore } from '@muster/core';
import { type Database, openDatabase } from '@muster/db';
import { buildSchema } from '@muster/schema';
import type { GraphQLError } from 'graphql';
import { type Config, refuseOpenToTheWorld } from './config/config.ts';
import { toClientError } from './errors/clientError.ts';
import { createEngine, type Engine } from './graphql/engine.ts';
import { createGracefulClose } from './http/gracefulClose.ts';
import { createHttpServer } from './http/httpServer.ts';
import { createConcurrencyLimit } from './limits/concurrencyLimit.ts';
import { type CreateGuards, standardGuards } from './limits/guards.ts';
import { createRateLimiter, type RateLimiter } from './limits/rateLimiter.ts';
import { createSharedSubscriptions, type SharedSubscriptions } from './live/sharedSubscriptions.ts';
import { createHealth, type Health } from './observe/health.ts';
import type { Log } from './observe/log.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { logRefusal } from './observe/refusalLog.ts';
import { createSweepLog } from './observe/sweepLog.ts';
import { createResources, type Resources } from './resources.ts';
import { createProtocol } from './websocket/protocol.ts';
import { serveWebSockets } from './websocket/webSocketServer.ts';
import { startGrpc } from './wire/grpc/grpcServer.ts';
import { loadProtocol, type Protocol } from './wire/proto/protocol.ts';
import { createRest } from './wire/rest/rest.ts';

/** A server that answers. */
export interface RunningServer {
  /** Where it answers HTTP and WebSocket: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where it answers gRPC: `127.0.0.1:50051`. */
  readonly grpcAddress: string;
  /** A5: whether the server lets everybody in, since no credential is configured. */
  readonly open: boolean;
  /** The server's present load, for monitoring: streams that read the event hub, and groups of equal subscriptions. */
  load(): { streams: number; groups: number };
  /** Ends everything in order; idempotent. */
  stop(): Promise<void>;
}

/** The parts that all other parts of a server are started with. */
interface Base {
  readonly db: Database;
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly resources: Resources;
  /** Turns any error into one that a client may read, which is counted and logged once. */
  mask(error: unknown): GraphQLError;
}

/** The parts that answer GraphQL, for the fronts. */
interface GraphqlParts {
  readonly rateLimiter: RateLimiter;
  readonly engine: Engine;
  readonly live: SharedSubscriptions;
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
    operationTimeoutMs: config.MUSTER_OPERATION_TIMEOUT_SECONDS * 1_000,
    onWarning: (message, error) => log.warn({ err: error }, message),
  });
  return startOver(db, config, log);
}

/**
 * Starts everything in order over an open database, which is closed with the server. Parts that a failed start had
 * opened are closed again.
 *
 * @param createGuards the limits of every operation, whichever front it comes by
 */
export async function startOver(
  db: Database,
  config: Config,
  log: Log,
  createGuards: CreateGuards = standardGuards,
): Promise<RunningServer> {
  const resources = createResources((name, error) => log.error({ err: error }, `${name} could not be closed`));
  resources.add('the database', () => db.close());
  const metrics = createMetrics();
  const base = { db, config, log, metrics, resources, mask: createMask(log, metrics) };
  try {
    const core = await startCore(base);
    const graphql = startGraphql(base, core, createGuards);
    return await startFronts(base, core, graphql);
  } catch (error) {
    await resources.release().catch(() => {});
    throw error;
  }
}

function createMask(log: Log, metrics: Metrics): Base['mask'] {
  return (error) => {
    const masked = toClientError(error, (errorId, cause) => log.error({ err: cause, errorId }, 'an operation failed'));
    // An error that was masked before comes by again on its way out.
    if (masked !== error) {
      metrics.refused(String(masked.extensions.code));
      logRefusal(log, error);
    }
    return masked;
  };
}

/** Opens the domain: access, the event tail, and the sweeps. */
async function startCore({ db, config, log, metrics, resources }: Base): Promise<Core> {
  const logSweep = createSweepLog(log);
  const { core, close } = await openCore(db, {
    settings: settingsFrom(config),
    jwt: {
      secret: config.MUSTER_JWT_SECRET,
      jwksUrl: config.MUSTER_JWKS_URL,
      issuer: config.MUSTER_JWT_ISSUER,
      audience: config.MUSTER_JWT_AUDIENCE,
      clockSkewSeconds: config.MUSTER_JWT_CLOCK_SKEW_SECONDS,
    },
    onWarning: (message, error) => log.warn({ err: error }, message),
    onSwept: (swept) => {
      metrics.swept(swept);
      logSweep(swept);
    },
  });
  resources.add('the event tail and the sweeps', close);
  refuseOpenToTheWorld(config, core.access);
  return core;
}

function startGraphql({ config, mask }: Base, core: Core, createGuards: CreateGuards): GraphqlParts {
  const rateLimiter = createRateLimiter({
    perSecond: config.MUSTER_REQUESTS_PER_SECOND,
    now: () => performance.now(),
  });
  const engine = createEngine({
    schema: buildSchema(),
    core,
    config,
    guards: createGuards(config, rateLimiter),
    mask,
  });
  const live = createSharedSubscriptions({
    core,
    bufferEvents: config.MUSTER_SUBSCRIPTION_BUFFER_EVENTS,
    bufferBytes: config.MUSTER_SUBSCRIPTION_BUFFER_BYTES,
    concurrency: createConcurrencyLimit('subscriptions', config.MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL),
    mask,
  });
  return { rateLimiter, engine, live };
}

/** Opens the fronts, and lastly the port: HTTP with REST, WebSocket, gRPC. They are closed in the opposite order. */
async function startFronts(base: Base, core: Core, graphql: GraphqlParts): Promise<RunningServer> {
  const { db, config, resources } = base;
  const { access } = core;
  const health = createHealth(db);
  const protocol = loadProtocol();
  const server = startHttp(base, core, graphql, { health, protocol });
  startWebSockets(base, core, graphql, server);
  const grpc = await startGrpc({
    core,
    access,
    rateLimiter: graphql.rateLimiter,
    protocol,
    health,
    mask: base.mask,
    host: config.HOST,
    port: config.GRPC_PORT,
    maxMessageBytes: config.MUSTER_MAX_BODY_BYTES,
  });
  resources.add('the gRPC server', grpc.stop);
  resources.add('readiness', async () => health.beginStopping());

  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  return {
    url: urlOf(server),
    grpcAddress: grpc.address,
    open: access.open,
    load: () => ({ streams: core.hub.openQueues, groups: graphql.live.groups }),
    stop: () => resources.release(),
  };
}

/** The parts that only HTTP and gRPC need. */
interface HttpParts {
  readonly health: Health;
  readonly protocol: Protocol;
}

/** The HTTP server, which doesn't listen yet. */
function startHttp(base: Base, core: Core, graphql: GraphqlParts, { health, protocol }: HttpParts): Server {
  const { config, log, metrics, resources, mask } = base;
  const { rateLimiter, engine } = graphql;
  const { access } = core;
  const origins = config.MUSTER_CORS_ORIGINS;
  const maxBodyBytes = config.MUSTER_MAX_BODY_BYTES;
  const rest = createRest({ core, access, rateLimiter, origins, protocol, mask, maxBodyBytes });
  const server = createHttpServer({ rest, access, rateLimiter, origins, mask, engine, health, metrics, config, log });
  resources.add('the HTTP server', createGracefulClose(server));
  // Streams over HTTP end by themselves only when their subscriptions do.
  resources.add('the subscriptions', async () => core.hub.close());
  return server;
}

function startWebSockets(base: Base, core: Core, { rateLimiter, engine, live }: GraphqlParts, server: Server): void {
  const { config, log, metrics, resources, mask } = base;
  const { access } = core;
  const protocol = createProtocol({
    pipeline: engine.pipeline,
    live,
    access,
    rateLimiter,
    connections: createConcurrencyLimit('connections', config.MUSTER_MAX_CONNECTIONS_PER_CREDENTIAL),
    maxOperationsPerConnection: config.MUSTER_MAX_OPERATIONS_PER_CONNECTION,
    mask,
  });
  const webSockets = serveWebSockets({
    server,
    protocol,
    access,
    origins: config.MUSTER_CORS_ORIGINS,
    mask,
    maxMessageBytes: config.MUSTER_MAX_BODY_BYTES,
    maxConnections: config.MUSTER_MAX_CONNECTIONS,
    log,
  });
  resources.add('the WebSockets', () => webSockets.close());
  metrics.watch({ core, groups: () => live.groups, sockets: () => webSockets.count() });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
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
