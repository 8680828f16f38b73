import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Access } from '@muster/core';
import type { GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, MessageType, type Server as ProtocolServer, parseMessage } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { costHeader } from '../limits/operationCost.ts';
import { createSocketWriter } from '../live/socketWriter.ts';
import type { Log } from '../observe/log.ts';
import { type Origins, refuseForeignOrigin } from '../security/originCheck.ts';
import { createKeepAlive } from './keepAlive.ts';
import type { SocketExtra } from './protocol.ts';

/** How long a peer may take to answer a close; one that doesn't is cut off. */
const closeTimeoutMs = 2_000;

export interface WebSocketOptions {
  server: Server;
  protocol: ProtocolServer<SocketExtra>;
  access: Access;
  /** Whose pages may open a WebSocket, beside the server's own. */
  origins: Origins;
  mask(error: unknown): GraphQLError;
  maxMessageBytes: number;
  maxConnections: number;
  log: Log;
}

export interface WebSockets {
  /** How many are open. */
  count(): number;
  /** Takes no more, and closes them all with 1001, within `closeTimeoutMs`. */
  close(): Promise<void>;
}

/** Serves WebSockets at /graphql. */
export function serveWebSockets(options: WebSocketOptions): WebSockets {
  const { server, protocol, log } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  /** What graphql-ws still does for sockets that have closed: ending their subscriptions. */
  const closings = new Set<Promise<void>>();
  const pings = createKeepAlive();

  /** Why a connection is refused: an HTTP status and a reason; null for a connection to be opened. */
  function refusalOf(request: IncomingMessage): [status: string, reason: string] | null {
    const pathname = URL.parse(request.url ?? '/', 'http://muster')?.pathname;
    if (pathname !== '/graphql') return ['404 Not Found', 'expected /graphql'];
    try {
      refuseForeignOrigin(request, options.access.open, options.origins);
    } catch (error) {
      return ['403 Forbidden', options.mask(error).message];
    }
    if (sockets.clients.size < options.maxConnections) return null;
    return ['429 Too Many Requests', `expected at most ${options.maxConnections} connections at a time`];
  }

  function upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    const refusal = refusalOf(request);
    if (refusal) refuse(connection, ...refusal);
    else sockets.handleUpgrade(request, connection, head, (socket) => open(socket, connection, request));
  }

  function open(socket: WebSocket, connection: Duplex, request: IncomingMessage): void {
    // A broken frame is the peer's fault: `ws` closes the connection with the fitting code, and nobody else notices.
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket peer broke the protocol'));
    pings.opened(socket);
    socket.on('pong', () => pings.answered(socket));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        // Resolves once the system has taken the message, so that a peer which doesn't read holds up only itself. One
        // that has gone is no failure of an operation: its `close` ends what is left of it.
        send: (text) =>
          new Promise((resolve) => {
            socket.send(text, (error) => {
              if (error) log.debug({ err: error }, 'a WebSocket peer went away');
              resolve();
            });
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on('message', (data) => {
            const text = String(data);
            take(text).catch((error: unknown) => {
              if (socket.readyState !== socket.OPEN) return;
              if (isServerMessage(text)) return socket.close(CloseCode.BadRequest, 'Invalid message received');
              log.error({ err: error }, 'a WebSocket message failed outside GraphQL');
              socket.close(4500, 'Internal server error');
            });
          });
        },
      },
      {
        request: {
          headers: { authorization: request.headers.authorization, [costHeader]: request.headers[costHeader] },
        },
        writer: createSocketWriter(socket, connection),
        close: (code, reason) => socket.close(code, reason),
        releases: [],
      },
    );
    socket.once('close', (code, reason) => {
      pings.closed(socket);
      const closing = closed(code, String(reason))
        .catch((error: unknown) => log.error({ err: error }, 'a WebSocket could not be cleaned up'))
        .finally(() => closings.delete(closing));
      closings.add(closing);
    });
  }

  server.on('upgrade', upgrade);
  return {
    count: () => sockets.clients.size,
    close: async () => {
      server.off('upgrade', upgrade);
      server.on('upgrade', (_request, socket) => refuse(socket, '503 Service Unavailable', 'the server is stopping'));
      pings.stop();
      await Promise.all([...sockets.clients].map(closeGoingAway));
      await Promise.all(closings);
    },
  };
}

/** Whether it is a message that only servers send: graphql-ws throws over one, where over all other nonsense it closes. */
function isServerMessage(text: string): boolean {
  const { type } = parseMessage(text);
  return type === MessageType.ConnectionAck || type === MessageType.Next || type === MessageType.Error;
}

function closeGoingAway(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = setTimeout(() => socket.terminate(), closeTimeoutMs);
    socket.once('close', () => {
      clearTimeout(cutOff);
      resolve();
    });
    socket.close(1001, 'Going away');
  });
}

function refuse(socket: Duplex, status: string, reason: string): void {
  socket.on('error', () => {});
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
