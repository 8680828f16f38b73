import { once } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import { Server } from '@grpc/grpc-js';
import type { Config } from '../../config/config.ts';
import { createAddressConcurrency } from '../../limits/addressConcurrency.ts';
import type { GracePeriod } from '../../limits/gracePeriod.ts';
import type { TransferBounds } from '../../limits/transferBounds.ts';
import type { Health } from '../../observe/health.ts';
import type { ConnectionGate } from '../../security/connectionGate.ts';
import { peerOf } from '../../security/frontConnections.ts';
import type { TlsFiles } from '../../security/tlsFiles.ts';
import { pluginService, supervisorService } from '../methods/methods.ts';
import type { Protocol } from '../proto/protocol.ts';
import { createAnonymousCalls } from './anonymousCalls.ts';
import { boundCallBytes, type CallBytes } from './callBytes.ts';
import { type CallOptions, callsOf, definitionOf } from './grpcCall.ts';
import { createGrpcListener } from './grpcListener.ts';
import { createHealthService } from './healthService.ts';
import { createReflection, reflectionCall, reflectionVersions } from './reflection.ts';
import { boundSessions, http2ServerOf } from './sessionBounds.ts';
import { rewriteTransportRefusals } from './transportRefusals.ts';
import { refuseUnknownMethods } from './unknownMethods.ts';

/** The idle time after which a connection is pinged; the peer has `keepaliveTimeoutMs` to answer. */
const keepaliveMs = 60_000;
const keepaliveTimeoutMs = 20_000;
/** The time that calls under way have once their connection is too old: longer than a caller waits for an endpoint. */
const connectionAgeGraceMs = 300_000;

const healthName = 'grpc.health.v1.Health';
/** The services that reflection lists. Existing agents ask for the description of each, and take no other (wire.md). */
const listedServices = [supervisorService.name, pluginService.name, healthName];

/** The settings of the gRPC server. */
export interface GrpcOptions extends Omit<CallOptions, 'clientOf' | 'callBytes'> {
  protocol: Protocol;
  health: Health;
  gate: ConnectionGate;
  transfer: TransferBounds;
  gracePeriod: Pick<GracePeriod, 'leftMs'>;
  /** Null without TLS. */
  tls: TlsFiles | null;
  config: Pick<
    Config,
    | 'HOST'
    | 'GRPC_PORT'
    | 'MUSTER_MAX_BODY_BYTES'
    | 'MUSTER_GRPC_MAX_STREAMS'
    | 'MUSTER_GRPC_MAX_RESETS_PER_SECOND'
    | 'MUSTER_GRPC_MAX_PINGS_PER_MINUTE'
    | 'MUSTER_GRPC_MAX_CONNECTION_AGE_SECONDS'
    | 'MUSTER_GRPC_MAX_CONNECTION_IDLE_SECONDS'
    | 'MUSTER_MAX_HEALTH_WATCHES'
    | 'MUSTER_MAX_HEALTH_WATCHES_PER_ADDRESS'
  >;
}

/** A gRPC server that listens. */
export interface RunningGrpc {
  /** The address that it listens on, such as `127.0.0.1:50051`. */
  readonly address: string;
  /** Accepts no more calls, lets running calls end in the grace period, and then cancels the rest. */
  stop(): Promise<void>;
}

/**
 * Serves gRPC: the reference's services, health and reflection.
 *
 * @throws Error that names the address where the server can't listen on it
 */
export async function startGrpc(options: GrpcOptions): Promise<RunningGrpc> {
  const { protocol, gate, tls, config } = options;
  const callBytes = boundCallBytes(options.transfer, () => performance.now());
  const server = createServer(config, callBytes);
  const listener = createGrpcListener(server, { host: config.HOST, port: config.GRPC_PORT, gate, tls });
  const { connections } = listener;
  const paths = new Set<string>();
  const clientOf: CallOptions['clientOf'] = (call) => {
    const [forwardedFor] = call.metadata.get('x-forwarded-for');
    return { connection: connections.ofPeer(call.getPeer()), forwardedFor: forwardedFor?.toString() };
  };
  const serve = (name: string, calls: Parameters<Server['addService']>[1]) => {
    const definition = definitionOf(protocol.service(name));
    for (const { path } of Object.values(definition)) paths.add(path);
    server.addService(definition, calls);
  };

  for (const { name, methods } of [supervisorService, pluginService]) {
    serve(name, callsOf(protocol.service(name), methods, { ...options, clientOf, callBytes }));
  }
  const watches = createAddressConcurrency(
    config.MUSTER_MAX_HEALTH_WATCHES,
    config.MUSTER_MAX_HEALTH_WATCHES_PER_ADDRESS,
  );
  const anonymous = createAnonymousCalls({ ...options, clientOf, watches });
  const health = createHealthService(protocol, options.health, listedServices, anonymous);
  serve(healthName, health.calls);
  for (const version of reflectionVersions) {
    const name = `grpc.reflection.${version}.ServerReflection`;
    const reflect = createReflection(protocol, listedServices, version);
    serve(name, { ServerReflectionInfo: reflectionCall(protocol.service(name), reflect, anonymous) });
  }
  const http2Server = http2ServerOf(server);
  const sessions = new Set<ServerHttp2Session>();
  http2Server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  refuseUnknownMethods(http2Server, paths);
  boundSessions(http2Server, {
    resets: {
      burst: 2 * config.MUSTER_GRPC_MAX_RESETS_PER_SECOND,
      perSecond: config.MUSTER_GRPC_MAX_RESETS_PER_SECOND,
    },
    pings: { burst: config.MUSTER_GRPC_MAX_PINGS_PER_MINUTE, perSecond: config.MUSTER_GRPC_MAX_PINGS_PER_MINUTE / 60 },
    paths,
    now: () => performance.now(),
    clientOf: ({ socket }) => ({ connection: connections.ofPeer(peerOf(socket)), forwardedFor: undefined }),
    takeAnonymous: (client) => options.authentication.takeAnonymous(client),
    onClosed: (cause) => gate.noteClosed(cause),
  });

  const address = await listener.listen();
  return {
    address,
    stop: async () => {
      health.close();
      callBytes.stop();
      listener.close();
      await closeGracefully(server, sessions, options.gracePeriod.leftMs);
    },
  };
}

function createServer(config: GrpcOptions['config'], { interceptor }: CallBytes): Server {
  return new Server({
    'grpc.max_receive_message_length': config.MUSTER_MAX_BODY_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    'grpc.max_concurrent_streams': config.MUSTER_GRPC_MAX_STREAMS,
    'grpc.max_connection_age_ms': config.MUSTER_GRPC_MAX_CONNECTION_AGE_SECONDS * 1_000,
    'grpc.max_connection_age_grace_ms': connectionAgeGraceMs,
    'grpc.max_connection_idle_ms': config.MUSTER_GRPC_MAX_CONNECTION_IDLE_SECONDS * 1_000,
    interceptors: [rewriteTransportRefusals(config.MUSTER_MAX_BODY_BYTES), interceptor],
  });
}

/** grpc-js doesn't wait for calls under way: to it a connection that only takes no further call is closed. */
async function closeGracefully(
  server: Server,
  sessions: ReadonlySet<ServerHttp2Session>,
  graceMs: number,
): Promise<void> {
  const closed = Promise.all([...sessions].map((session) => once(session, 'close')));
  server.tryShutdown(() => {});
  const cutOff = setTimeout(() => {
    for (const session of sessions) session.destroy();
  }, graceMs);
  await closed;
  clearTimeout(cutOff);
}
