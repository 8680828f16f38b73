import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Health } from '../../observe/health.ts';
import { pluginService, supervisorService } from '../methods/methods.ts';
import type { Protocol } from '../proto/protocol.ts';
import { type CallOptions, callsOf, definitionOf } from './grpcCall.ts';
import { createHealthService } from './healthService.ts';
import { tooLongInOurWords } from './messageSizeRefusal.ts';
import { createReflection, reflectionCall } from './reflection.ts';

/** How long calls that are under way may take to end once the server stops. */
const drainMs = 5_000;
/** A connection on which nothing came for so long is asked whether it is still there. */
const keepaliveMs = 60_000;
const keepaliveTimeoutMs = 20_000;

const healthName = 'grpc.health.v1.Health';
/** What reflection lists: existing agents describe all that is listed, and take no more than this. */
const listed = [supervisorService.name, pluginService.name, healthName];

export interface GrpcOptions extends CallOptions {
  protocol: Protocol;
  health: Health;
  host: string;
  /** 0 takes any free one. */
  port: number;
  maxMessageBytes: number;
}

export interface RunningGrpc {
  /** Where it answers: `127.0.0.1:50051`. */
  readonly address: string;
  /** Takes no more calls, lets those that are under way end, and cuts off what doesn't. */
  stop(): Promise<void>;
}

/**
 * Serves the reference's gRPC front, with health and reflection.
 *
 * @throws Error that names the address, when it can't be listened on.
 */
export async function startGrpc(options: GrpcOptions): Promise<RunningGrpc> {
  const { protocol, maxMessageBytes } = options;
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    interceptors: [tooLongInOurWords(maxMessageBytes)],
  });
  for (const { name, methods } of [supervisorService, pluginService]) {
    const service = protocol.service(name);
    server.addService(definitionOf(service), callsOf(service, methods, options));
  }
  const health = createHealthService(protocol, options.health, listed);
  server.addService(definitionOf(protocol.service(healthName)), health.calls);
  const reflect = createReflection(protocol, listed);
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
      await drain(server);
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

async function drain(server: Server): Promise<void> {
  const cutOff = setTimeout(() => server.forceShutdown(), drainMs);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  clearTimeout(cutOff);
}
