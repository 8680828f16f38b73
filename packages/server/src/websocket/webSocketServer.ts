import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GraphQLError } from 'graphql';
import {
  CloseCode,
  handleProtocols,
  MessageType,
  type Server as ProtocolServer,
  type WebSocket as ProtocolSocket,
  parseMessage,
} from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { costHeader } from '../limits/operationCost.ts';
import { createSocketWriter } from '../live/socketWriter.ts';
import type { Log } from '../observe/log.ts';
import type { Authentication } from '../security/authentication.ts';
import { clientOf, type FrontConnections } from '../security/frontConnections.ts';
import { type Origins, refuseForeignPage } from '../security/originCheck.ts';
import { createKeepAlive } from './keepAlive.ts';
import type { SocketExtra } from './protocol.ts';

/** The time that a peer has to answer a close; then it is cut off. */
const closeTimeoutMs = 2_000;

/** The parts of the server that WebSockets need. */
export interface WebSocketOptions {
  server: Server;
  protocol: ProtocolServer<SocketExtra>;
  connections: FrontConnections;
  authentication: Pick<Authentication, 'open' | 'noteRefusal'>;
  /** The origins whose pages may open a WebSocket, beside the server's own. */
  origins: Origins;
  mask(error: unknown): GraphQLError;
  maxMessageBytes: number;
  maxConnections: number;
  log: Log;
}

/** The WebSockets of a server. */
export interface WebSockets {
  /** How many are open. */
  count(): number;
  /** Accepts no more, and closes all with 1001, within `closeTimeoutMs`. */
  close(): Promise<void>;
}

/** Serves WebSockets at /graphql. */
export function serveWebSockets(options: WebSocketOptions): WebSockets {
  return new GraphqlWebSockets(options);
}

class GraphqlWebSockets implements WebSockets {
  readonly #options: WebSocketOptions;
  readonly #sockets: WebSocketServer;
  readonly #pings = createKeepAlive();
  /** The clean-up of closed sockets that is still running: graphql-ws ends their subscriptions. */
  readonly #closings = new Set<Promise<void>>();
  readonly #upgrade = (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
    const refusal = this.#refusalOf(request);
    if (refusal) refuse(connection, ...refusal);
    else this.#sockets.handleUpgrade(request, connection, head, (socket) => this.#open(socket, connection, request));
  };

  constructor(options: WebSocketOptions) {
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxMessageBytes,
      perMessageDeflate: false,
      handleProtocols: (protocols) => handleProtocols(protocols),
    });
    options.server.on('upgrade', this.#upgrade);
  }

  count(): number {
    return this.#sockets.clients.size;
  }

  async close(): Promise<void> {
    const { server } = this.#options;
    server.off('upgrade', this.#upgrade);
    server.on('upgrade', (_request, socket) => refuse(socket, '503 Service Unavailable', 'the server is stopping'));
    this.#pings.stop();
    await Promise.all([...this.#sockets.clients].map(closeGoingAway));
    await Promise.all(this.#closings);
  }

  /** Why a connection is refused: an HTTP status and a reason; null for a connection to be opened. */
  #refusalOf(request: IncomingMessage): [status: string, reason: string] | null {
    const { authentication, connections, origins, maxConnections, mask } = this.#options;
    try {
      refuseForeignPage(request, authentication.open, origins);
    } catch (error) {
      authentication.noteRefusal(clientOf(connections, request), error);
      return ['403 Forbidden', mask(error).message];
    }
    const pathname = URL.parse(request.url ?? '/', 'http://muster')?.pathname;
    if (pathname !== '/graphql') return ['404 Not Found', 'expected /graphql'];
    if (this.count() < maxConnections) return null;
    return ['429 Too Many Requests', `expected at most ${maxConnections} connections at a time`];
  }

  #open(socket: WebSocket, connection: Duplex, request: IncomingMessage): void {
    const { protocol, connections, log } = this.#options;
    // A broken frame is the peer's fault: `ws` closes the connection with the fitting code.
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket peer broke the protocol'));
    this.#pings.opened(socket);
    socket.on('pong', () => this.#pings.answered(socket));
    const closed = protocol.opened(transportOf(socket, log), {
      request: {
        headers: { authorization: request.headers.authorization, [costHeader]: request.headers[costHeader] },
      },
      client: clientOf(connections, request),
      writer: createSocketWriter(socket, connection),
      close: (code, reason) => socket.close(code, reason),
      releases: [],
    });
    socket.once('close', (code, reason) => {
      this.#pings.closed(socket);
      const closing = closed(code, String(reason))
        .catch((error: unknown) => log.error({ err: error }, 'a WebSocket could not be cleaned up'))
        .finally(() => this.#closings.delete(closing));
      this.#closings.add(closing);
    });
  }
}

/** A socket as graphql-ws takes it. */
function transportOf(socket: WebSocket, log: Log): ProtocolSocket {
  return {
    protocol: socket.protocol,
    // Resolves once the system has taken the message, so that a peer which doesn't read delays only its own operations.
    // A peer that has gone is no failure of an operation: the socket's `close` ends them.
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
  };
}

/** Whether a message is one that only servers send: over it graphql-ws throws, where over other nonsense it closes the socket. */
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
