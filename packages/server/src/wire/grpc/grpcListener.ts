import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import type { ConnectionGate } from '../../security/connectionGate.ts';
import { type FrontConnections, followConnections } from '../../security/frontConnections.ts';
import { listen } from '../../security/listen.ts';
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
  listener.on(tls ? 'secureConnection' : 'connection', (socket) => {
    if (socket.destroyed) return;
    // A peer that goes away is no error of the server.
    socket.on('error', () => {});
    injector.injectConnection(socket);
  });
  const connections = followConnections(listener, gate);
  return {
    connections,
    listen: () => listenAt(listener, options),
    close: () => void listener.close(),
  };
}

async function listenAt(listener: NetServer, { host, port }: GrpcListenerOptions): Promise<string> {
  await listen(listener, { variable: 'GRPC_PORT', host, port });
  return `${host.includes(':') ? `[${host}]` : host}:${(listener.address() as AddressInfo).port}`;
}
