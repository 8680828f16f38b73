import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Health } from '../../observe/health.ts';
import { pluginService, supervisorService } from '../methods/methods.ts';
import type { Protocol } from '../proto/protocol.ts';
import { type CallOptions, callsOf, definitionOf } from './grpcCall.ts';
import { createHealthService } from './healthService.ts';
import { rewriteMessageSizeRefusal } from './messageSizeRefusal.ts';
import { createReflection, reflectionCall } from './reflection.ts';

/** The time that running calls have to end once the server stops. */
const gracePeriodMs = 5_000;
/** The idle time after which a connection is pinged; the peer has `keepaliveTimeoutMs` to answer. */
const keepaliveMs = 60_000;
const keepaliveTimeoutMs = 20_000;

const healthName = 'grpc.health.v1.Health';
/** The services that reflection lists. Existing agents ask for the description of each, and take no other (wire.md). */
const listedServices = [supervisorService.name, pluginService.name, healthName];

/** The settings of the gRPC server. */
export interface GrpcOptions extends CallOptions {
  protocol: Protocol;
  health: Health;
  /** The address to listen on, an IPv4 or IPv6 address or a name. */
  host: string;
  /** The port to listen on; 0 takes any free port. */
  port: number;
  /** The longest request, in bytes; a longer request is BAD_USER_INPUT. */
  maxMessageBytes: number;
}

/** A gRPC server that listens. */
export interface RunningGrpc {
  /** The address that it listens on, such as `127.0.0.1:50051`. */
  readonly address: string;
  /** Accepts no more calls, lets running calls end for 5 s, and then cancels the rest. */
  stop(): Promise<void>;
}

/**
 * Serves gRPC: the reference's services, health and reflection.
 *
 * @throws Error that names the address where the server can't listen on it
 */
export async function startGrpc(options: GrpcOptions): Promise<RunningGrpc> {
  const { protocol, maxMessageBytes } = options;
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    interceptors: [rewriteMessageSizeRefusal(maxMessageBytes)],
  });
  for (const { name, methods } of [supervisorService, pluginService]) {
    const service = protocol.service(name);
    server.addService(definitionOf(service), callsOf(service, methods, options));
  }
  const health = createHealthService(protocol, options.health, listedServices);
  server.addService(definitionOf(protocol.service(healthName)), health.calls);
  const reflect = createReflection(protocol, listedServices);
  for (const version of ['v1', 'v1alpha']) {
    const service = protocol.service(`grpc.reflection.${version}.ServerReflection`);
    server.addService(definitionOf(service), { ServerReflectionInfo: reflectionCall(service, reflect) });
  }
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const port = await listen(server, `${host}:${options.port}`);
  return {
    address: `${host}:${port}`,
    stop: async () => {
      health.close();
      await closeGracefully(server);
    },
  };
}

function listen(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error)
        reject(Object.assign(new Error(`gRPC can't listen on ${address}: ${error.message}`), { syscall: 'listen' }));
      else resolve(port);
    });
  });
}

async function closeGracefully(server: Server): Promise<void> {
  const cutOff = setTimeout(() => server.forceShutdown(), gracePeriodMs);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  clearTimeout(cutOff);
}
