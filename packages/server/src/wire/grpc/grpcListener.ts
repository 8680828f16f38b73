import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import type { ConnectionGate } from '../../security/connectionGate.ts';
import { type FrontConnections, followConnections, listenBacklog } from '../../security/frontConnections.ts';
import type { TlsFiles } from '../../security/tlsFiles.ts';

/** The parameters of a gRPC listener. */
export interface GrpcListenerOptions {
  /** The address to listen on, an IPv4 or IPv6 address or a name. */
  readonly host: string;
  /** The port to listen on; 0 takes any free port. */
  readonly port: number;
  readonly gate: ConnectionGate;
  /** Null without TLS. */
  readonly tls: TlsFiles | null;
}

/** Accepts the connections of a gRPC server. */
export interface GrpcListener {
  readonly connections: FrontConnections;
  /** Starts to listen. Resolves with the address, such as `127.0.0.1:50051`. */
  listen(): Promise<string>;
  /** Accepts no more connections. */
  close(): void;
}

/**
 * Accepts connections and hands them to grpc-js, which can neither count them beforehand nor have the certificate of TLS
 * replaced, or a client's certificate optional.
 */
export function createGrpcListener(grpc: Server, options: GrpcListenerOptions): GrpcListener {
  const { gate, tls } = options;
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = tls
    ? tls.serve(createTlsServer({ ...tls.serverOptions, ALPNProtocols: ['h2'] }))
    : createServer({ noDelay: true });
  const connections = followConnections(listener, gate);
  listener.on(tls ? 'secureConnection' : 'connection', (socket) => {
    if (socket.destroyed) return;
    // A peer that goes away is no error of the server.
    socket.on('error', () => {});
    injector.injectConnection(socket);
  });
  return {
    connections,
    listen: () => listen(listener, options),
    close: () => void listener.close(),
  };
}

async function listen(listener: NetServer, { host, port }: GrpcListenerOptions): Promise<string> {
  listener.listen({ port, host, backlog: listenBacklog });
  const shownHost = host.includes(':') ? `[${host}]` : host;
  try {
    await once(listener, 'listening');
  } catch (error) {
    const message = `gRPC can't listen on ${shownHost}:${port}: ${error instanceof Error ? error.message : error}`;
    throw Object.assign(new Error(message), { syscall: 'listen' });
  }
  return `${shownHost}:${(listener.address() as AddressInfo).port}`;
}
