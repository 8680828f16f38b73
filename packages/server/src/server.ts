import type { AddressInfo } from 'node:net';
import { type Core, makeFirstApiKey, openCore } from '@muster/core';
import { createSteps, type Database } from '@muster/db';
import { buildSchema, buildSubgraphSchema } from '@muster/schema';
import type { GraphQLError } from 'graphql';
import { type Config, refuseOpenToTheWorld } from './config/config.ts';
import { accessSettings, coreSettings } from './config/coreSettings.ts';
import { serverFacts } from './config/serverFacts.ts';
import { toClientError, unavailableId } from './errors/clientError.ts';
import { createEngine, type Engine } from './graphql/engine.ts';
import { EventStreams } from './http/eventStream.ts';
import { createGracefulClose } from './http/gracefulClose.ts';
import { createHttpServer, type HttpFront } from './http/httpServer.ts';
import { createAddressRate } from './limits/addressRate.ts';
import { Admission } from './limits/admission.ts';
import { type ConcurrencyLimit, createConcurrencyLimit } from './limits/concurrencyLimit.ts';
import { ConnectionTotal } from './limits/connectionTotal.ts';
import { createGracePeriod, type GracePeriod } from './limits/gracePeriod.ts';
import type { Guard } from './limits/guard.ts';
import { type CreateGuards, standardGuards } from './limits/guards.ts';
import { createLoopTurns } from './limits/loopTurns.ts';
import { createRateLimiter, type RateLimiter } from './limits/rateLimiter.ts';
import { createTransferBounds, type TransferBounds } from './limits/transferBounds.ts';
import { EventBudgets } from './live/eventBudgets.ts';
import { createSharedSubscriptions, type SharedSubscriptions } from './live/sharedSubscriptions.ts';
import { createStarts } from './live/starts.ts';
import type { Health } from './observe/health.ts';
import type { Log } from './observe/log.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { openHealth } from './observe/openHealth.ts';
import { createRefusalLog, type RefusalLog } from './observe/refusalLog.ts';
import { createRepeatLog, type RepeatLog } from './observe/repeatLog.ts';
import { createSweepLog } from './observe/sweepLog.ts';
import { createResources, type ResourceGroup, type Resources } from './resources.ts';
import { type Authentication, createAuthentication } from './security/authentication.ts';
import { trustProxies } from './security/clientAddress.ts';
import { type ConnectionGate, createConnectionGate } from './security/connectionGate.ts';
import { listen } from './security/listen.ts';
import { createRefusalPace, type RefusalPace } from './security/refusalPace.ts';
import { openTlsFiles, type TlsFiles } from './security/tlsFiles.ts';
import { createProtocol } from './websocket/protocol.ts';
import { serveWebSockets } from './websocket/webSocketServer.ts';
import { startGrpc } from './wire/grpc/grpcServer.ts';
import { type CallMethod, createMethodCaller } from './wire/methods/callMethod.ts';
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
  readonly refusalLog: RefusalLog;
  readonly repeatLog: RepeatLog;
  /** When the last sweep ended, by `performance.now`. */
  readonly lastSweep: { atMs: number };
  /** Turns any error into one that a client may read, which is counted and logged once. */
  mask(error: unknown): GraphQLError;
}

/** The parts that answer GraphQL, for the fronts. */
interface GraphqlParts {
  readonly rateLimiter: RateLimiter;
  readonly admission: Admission;
  readonly engine: Engine;
  /** Every limit of an operation, whichever front it comes by. */
  readonly guards: readonly Guard[];
  readonly live: SharedSubscriptions;
  /** Counts each credential's WebSockets and event streams. */
  readonly connections: ConcurrencyLimit;
  readonly budgets: EventBudgets;
  readonly transfer: TransferBounds;
}

/** How long a sweep may go on once the server stops. */
const sweepGraceMs = 1_000;
/** How long operations may go on once the server stops; then they are answered that it stops, before they are cut off. */
const operationGraceMs = 4_000;

/** The parameters of a start beside its settings. */
export interface StartOverOptions {
  /** The limits of every operation, whichever front it comes by. */
  readonly createGuards?: CreateGuards;
  /** Ends the start. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts everything in order over an open database, which is closed with the server. Parts that a failed start had
 * opened are closed again.
 */
export async function startOver(
  db: Database,
  config: Config,
  log: Log,
  { createGuards = standardGuards, signal }: StartOverOptions = {},
): Promise<RunningServer> {
  const resources = createResources((name, error) => log.error({ err: error }, `${name} could not be closed`));
  resources.add('the database', () => db.close());
  const metrics = createMetrics();
  const repeatLog = createRepeatLog(log);
  resources.add('the log of what repeats', async () => repeatLog.close());
  const refusalLog = createRefusalLog(log, repeatLog);
  resources.add('the log of refusals', async () => refusalLog.close());
  const lastSweep = { atMs: performance.now() };
  const parts = { db, config, log, metrics, resources, refusalLog, repeatLog, lastSweep };
  const base = { ...parts, mask: createMask(parts) };
  const steps = createSteps((message) => log.warn(message));
  try {
    const core = await steps.run('reading the state of the domain', () => startCore(base));
    signal?.throwIfAborted();
    const graphql = startGraphql(base, core, createGuards);
    return await steps.run('opening the ports', () => startFronts(base, core, graphql, openEntrance(base, core)));
  } catch (error) {
    await resources.release().catch(() => {});
    throw error;
  }
}

function createMask({ log, metrics, refusalLog, repeatLog }: Omit<Base, 'mask'>): Base['mask'] {
  return (error) => {
    const masked = toClientError(error, (errorId, cause) => {
      if (errorId === unavailableId) repeatLog.warn('operations are answered with UNAVAILABLE', cause);
      else log.error({ err: cause, errorId }, 'an operation failed');
    });
    // An error that was masked before comes by again on its way out.
    if (masked !== error) {
      metrics.refused(String(masked.extensions.code));
      refusalLog.refused(error);
    }
    return masked;
  };
}

/** Opens the domain: access, the event tail, and the sweeps. */
async function startCore({ db, config, log, metrics, resources, repeatLog, lastSweep }: Base): Promise<Core> {
  const logSweep = createSweepLog(log);
  const { core, close } = await openCore(db, {
    settings: coreSettings(config),
    ...accessSettings(config),
    onWarning: repeatLog.warn,
    onSwept: (swept) => {
      lastSweep.atMs = performance.now();
      metrics.swept(swept);
      logSweep(swept);
    },
  });
  resources.add('the event tail and the sweeps', async () => {
    // A sweep may wait for a lock that somebody holds for long.
    const interrupt = setTimeout(() => db.interrupt(), sweepGraceMs);
    await close();
    clearTimeout(interrupt);
  });
  if (config.MUSTER_BOOTSTRAP_KEY !== undefined) {
    const made = await makeFirstApiKey(core, config.MUSTER_BOOTSTRAP_KEY);
    if (made) log.info(`The first API key is that of MUSTER_BOOTSTRAP_KEY: ${made.id}, of an ADMIN.`);
  }
  refuseOpenToTheWorld(config, core.access);
  return core;
}

function startGraphql({ db, config, log, metrics, mask }: Base, core: Core, createGuards: CreateGuards): GraphqlParts {
  const rateLimiter = createRateLimiter({
    requestsPerSecond: config.MUSTER_REQUESTS_PER_SECOND,
    pointsPerSecond: config.MUSTER_POINTS_PER_SECOND,
    pointsPerMinute: config.MUSTER_POINTS_PER_MINUTE,
    now: () => performance.now(),
  });
  const guards = createGuards(config, rateLimiter);
  const admission = new Admission({
    db,
    timeoutMs: config.MUSTER_OPERATION_TIMEOUT_SECONDS * 1_000,
    operationsPerCredential: config.MUSTER_MAX_OPERATIONS_PER_CREDENTIAL,
    operationsPerDomain: config.MUSTER_MAX_OPERATIONS_PER_DOMAIN,
    waitingPerDomain: config.MUSTER_MAX_QUEUED_OPERATIONS_PER_DOMAIN,
    waitsPerCredential: config.MUSTER_MAX_WAITS_PER_CREDENTIAL,
  });
  const schema = config.MUSTER_FEDERATION ? buildSubgraphSchema() : buildSchema();
  const engine = createEngine({ schema, core, server: serverFacts(config, db.kind), config, guards, admission, mask });
  const budgets = new EventBudgets({
    points: rateLimiter,
    onPause: ({ subject }) => {
      metrics.subscriptionPaused();
      log.debug({ subject }, 'a subscription waits for points');
    },
  });
  const live = createSharedSubscriptions({
    core,
    admission,
    budgets,
    starts: createStarts(config.MUSTER_MAX_STARTING_SUBSCRIPTIONS_PER_CREDENTIAL),
    bufferEvents: config.MUSTER_SUBSCRIPTION_BUFFER_EVENTS,
    bufferBytes: config.MUSTER_SUBSCRIPTION_BUFFER_BYTES,
    concurrency: createConcurrencyLimit('subscriptions', config.MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL),
    mask,
  });
  const connections = createConcurrencyLimit('connections', config.MUSTER_MAX_CONNECTIONS_PER_CREDENTIAL);
  const transfer = createTransferBounds(config, () => metrics.connectionClosed('unread'));
  return { rateLimiter, admission, engine, guards, live, connections, budgets, transfer };
}

/** The time that a new connection counts as, in milliseconds: as soon as it is read, requests come over it. */
const connectionMs = 1;

/** The parts by which all fronts let clients in. */
interface Entrance {
  readonly authentication: Authentication;
  readonly gate: ConnectionGate;
  /** Null without TLS. */
  readonly tls: TlsFiles | null;
}

function openEntrance({ config, log, metrics, resources, refusalLog }: Base, { access }: Core): Entrance {
  const now = () => performance.now();
  const proxies = trustProxies(config.MUSTER_TRUSTED_PROXIES);
  const tls = openTlsFiles(config, log);
  const gate = createConnectionGate({
    maxTotal: config.MUSTER_MAX_UNAUTHENTICATED_CONNECTIONS,
    maxPerAddress: config.MUSTER_MAX_UNAUTHENTICATED_CONNECTIONS_PER_ADDRESS,
    proxies,
    turns: createLoopTurns({ leastMs: connectionMs, now }),
    now,
    onClosed: (cause) => metrics.connectionClosed(cause),
  });
  resources.add('connections without a credential', async () => gate.close());
  resources.add("the certificate's files", async () => tls?.close());
  const failures = config.MUSTER_FAILED_CREDENTIALS_PER_MINUTE;
  const anonymous = config.MUSTER_ANONYMOUS_REQUESTS_PER_SECOND;
  const authentication = createAuthentication({
    access,
    proxies,
    failures: createAddressRate({ burst: failures, perSecond: failures / 60 }, now),
    anonymous: createAddressRate({ burst: 2 * anonymous, perSecond: anonymous }, now),
    bindsByCertificate: tls?.asksClients ?? false,
    onRefused: ({ text }, error) => refusalLog.refusedAt(text, error),
  });
  return { authentication, gate, tls };
}

/** Opens the fronts, and lastly the port: HTTP with REST, WebSocket, gRPC. HTTP is closed last: meanwhile it says that the server stops. */
async function startFronts(base: Base, core: Core, graphql: GraphqlParts, entrance: Entrance): Promise<RunningServer> {
  const { db, config, resources } = base;
  const health = openHealth({ ...base, core });
  resources.add('the checks of readiness', () => health.close());
  const protocol = loadProtocol();
  const { rateLimiter, admission, guards, transfer } = graphql;
  const callMethod = createMethodCaller(core, guards, admission, graphql.engine.loopTurns);
  const refusals = createRefusalPace(entrance.authentication);
  const total = new ConnectionTotal(config.MUSTER_MAX_CONNECTIONS);
  const streams = new EventStreams({ ...graphql, total, mask: base.mask });
  let endOperations: NodeJS.Timeout | undefined;
  resources.add('the end of operations', async () => clearTimeout(endOperations));
  const gracePeriod = createGracePeriod(() => performance.now());
  let grpcAddress = '';
  const httpParts = {
    ...entrance,
    ...{ health, protocol, callMethod, streams, refusals, gracePeriod },
    grpcAddress: () => grpcAddress,
  };
  const front = startHttp(base, core, graphql, httpParts);
  const closedFirst = resources.group();
  startWebSockets(base, core, graphql, { ...entrance, front, streams, total, resources: closedFirst });
  const { pacer } = core;
  const limits = { rateLimiter, refusals, transfer, gracePeriod };
  const grpcParts = { callMethod, protocol, health, pacer, mask: base.mask, config, ...limits };
  closedFirst.add('the event streams', async () => streams.stop());
  const grpc = await startGrpc({ ...entrance, ...grpcParts });
  closedFirst.add('the gRPC server', grpc.stop);
  grpcAddress = grpc.address;
  resources.add('readiness', async () => {
    health.beginStopping();
    gracePeriod.begin();
    endOperations = setTimeout(() => db.interrupt(), operationGraceMs);
  });

  await listen(front.server, { variable: 'PORT', host: config.HOST, port: config.PORT });
  return {
    url: urlOf(front, entrance.tls),
    grpcAddress: grpc.address,
    open: core.access.open,
    load: () => ({ streams: core.hub.openQueues, groups: graphql.live.groups }),
    stop: () => resources.release(),
  };
}

/** The parts that only HTTP and gRPC need. */
interface HttpParts extends Entrance {
  readonly health: Health;
  readonly protocol: Protocol;
  readonly callMethod: CallMethod;
  readonly streams: EventStreams;
  readonly refusals: RefusalPace;
  readonly gracePeriod: GracePeriod;
  grpcAddress(): string;
}

/** The HTTP server, which doesn't listen yet. */
function startHttp(base: Base, core: Core, graphql: GraphqlParts, parts: HttpParts): HttpFront {
  const { config, log, metrics, resources, mask } = base;
  const { rateLimiter, engine, transfer } = graphql;
  const { authentication, protocol, callMethod, refusals } = parts;
  const origins = config.MUSTER_CORS_ORIGINS;
  const maxBodyBytes = config.MUSTER_MAX_BODY_BYTES;
  const limits = { rateLimiter, refusals, transfer, maxBodyBytes };
  const basePath = config.MUSTER_BASE_PATH;
  const rest = createRest({ callMethod, authentication, protocol, mask, basePath, ...limits });
  const own = { rest, rateLimiter, transfer, origins, mask, engine, metrics, config, log };
  const front = createHttpServer({ ...parts, ...own });
  resources.add('the HTTP server', createGracefulClose(front, parts.gracePeriod));
  resources.add('the subscriptions', async () => core.hub.close());
  return front;
}

/** The parts that only WebSockets need. */
interface WebSocketParts extends Entrance {
  readonly front: HttpFront;
  readonly streams: EventStreams;
  readonly total: ConnectionTotal;
  readonly resources: ResourceGroup;
}

function startWebSockets(
  base: Base,
  core: Core,
  { rateLimiter, admission, engine, live, connections, budgets, transfer }: GraphqlParts,
  { authentication, gate, front, streams, total, resources }: WebSocketParts,
): void {
  const { db, config, log, metrics, mask } = base;
  const protocol = createProtocol({
    pipeline: engine.pipeline,
    live,
    access: core.access,
    authentication,
    rateLimiter,
    connections,
    maxOperationsPerConnection: config.MUSTER_MAX_OPERATIONS_PER_CONNECTION,
    loopTurns: engine.loopTurns,
    mask,
  });
  const webSockets = serveWebSockets({
    ...front,
    protocol,
    authentication,
    rateLimiter,
    origins: config.MUSTER_CORS_ORIGINS,
    mask,
    maxMessageBytes: config.MUSTER_MAX_BODY_BYTES,
    total,
    transfer,
    log,
  });
  resources.add('the WebSockets', () => webSockets.close());
  metrics.watch({
    core,
    groups: () => live.groups,
    sockets: () => webSockets.count(),
    eventStreams: () => streams.count,
    pausedSubscriptions: () => budgets.paused,
    unsentBytes: () => transfer.unsent.bytes,
    bodyBytes: () => transfer.bodies.bytes,
    unauthenticated: () => gate.waiting,
    work: { lanes: db.loads, operations: () => admission.load, reportsWaiting: () => core.reports.waiting },
  });
}

function urlOf({ server }: HttpFront, tls: TlsFiles | null): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${tls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
