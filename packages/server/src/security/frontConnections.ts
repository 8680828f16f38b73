import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import { type TLSSocket, Server as TlsServer } from 'node:tls';
import type { Client } from './authentication.ts';
import { certificateName } from './certificateName.ts';
import { Connection } from './connection.ts';
import type { ConnectionGate } from './connectionGate.ts';

/**
 * How many connections may wait to be accepted, unless the system has a lower bound (`net.core.somaxconn`). Past it the
 * system drops everybody's, and their clients try again after seconds: a client that opens thousands at once must not fill it.
 */
export const listenBacklog = 4_096;

/** The connections of one front, found by what the front knows of them. */
export interface FrontConnections {
  /** The connection of a socket, which may be the one over TLS. */
  of(socket: Socket): Connection;
  /** The connection of a peer, as grpc-js names it: address and port. */
  ofPeer(peer: string): Connection;
}

/**
 * Lets each connection of a server through the gate, which says when the server's listeners so far begin with it. Over TLS, a connection whose client shows a certificate of another
 * authority than the configured one is closed; one without a certificate goes on.
 */
export function followConnections(server: Server, gate: ConnectionGate): FrontConnections {
  const bySocket = new WeakMap<Socket, Connection>();
  const byPeer = new Map<string, Connection>();
  const begins = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const connection = gate.open(socket, () => {
      for (const begin of begins) begin.call(server, socket);
    });
    const peer = peerOf(socket);
    bySocket.set(socket, connection);
    byPeer.set(peer, connection);
    socket.once('close', () => {
      if (byPeer.get(peer) === connection) byPeer.delete(peer);
    });
  });
  const ofPeer = (peer: string) => byPeer.get(peer) ?? goneConnection();
  if (server instanceof TlsServer) {
    server.on('secureConnection', (socket: TLSSocket) => {
      const connection = ofPeer(peerOf(socket));
      bySocket.set(socket, connection);
      const certificate = socket.getPeerX509Certificate();
      if (!certificate) return;
      if (socket.authorized) connection.certificateName = certificateName(certificate);
      if (connection.certificateName !== null) return;
      gate.noteClosed('certificate');
      socket.destroy();
    });
    server.on('tlsClientError', (_error, socket) => {
      gate.noteClosed('handshake');
      socket.destroy();
    });
  }
  return { of: (socket) => bySocket.get(socket) ?? goneConnection(), ofPeer };
}

/** The client of an HTTP request. */
export function clientOf(connections: FrontConnections, { socket, headers }: IncomingMessage): Client {
  // Node joins the values of several such headers.
  return { connection: connections.of(socket), forwardedFor: headers['x-forwarded-for'] as string | undefined };
}

/** A peer as grpc-js names it. */
export function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress}:${remotePort}`;
}

/** A connection that has ended already, while a request of it is still being looked at. */
function goneConnection(): Connection {
  const address = { text: 'unknown', key: 'unknown' };
  return new Connection({ socket: null, address, isProxy: false, onSettled: () => {} });
}
