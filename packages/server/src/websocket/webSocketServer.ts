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
import type { ConnectionTotal } from '../limits/connectionTotal.ts';
import { costHeader } from '../limits/operationCost.ts';
import { type Charge, chargeBytes, viewerKey } from '../limits/rateLimiter.ts';
import type { TransferBounds } from '../limits/transferBounds.ts';
import { createSocketWriter, type WebSocketWriter } from '../live/socketWriter.ts';
import type { Log } from '../observe/log.ts';
import type { Authentication } from '../security/authentication.ts';
import { clientOf, type FrontConnections } from '../security/frontConnections.ts';
import { type Origins, refuseForeignPage } from '../security/originCheck.ts';
import { createKeepAlive } from './keepAlive.ts';
import type { SocketExtra } from './protocol.ts';
import { countUnfinishedMessage } from './unfinishedMessage.ts';

/** The time that a peer has to answer a close; then it is cut off. */
const closeTimeoutMs = 2_000;

/** The code by which a socket is closed that sends too much, or too slowly: "try again later" (RFC 6455's registry). */
const messageRefused = 1013;

/** The name under which the unfinished messages of sockets are counted that have shown no credential. */
const withoutCredential = 'WebSockets without a credential';

/** The parts of the server that WebSockets need. */
export interface WebSocketOptions {
  server: Server;
  protocol: ProtocolServer<SocketExtra>;
  connections: FrontConnections;
  authentication: Pick<Authentication, 'open' | 'noteRefusal'>;
  /** Takes the points of messages. */
  rateLimiter: Charge;
  /** The origins whose pages may open a WebSocket, beside the server's own. */
  origins: Origins;
  mask(error: unknown): GraphQLError;
  maxMessageBytes: number;
  total: ConnectionTotal;
  transfer: Pick<TransferBounds, 'unsent' | 'bodies' | 'bodyMs'>;
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
    const { authentication, connections, origins, total, mask } = this.#options;
    const client = clientOf(connections, request);
    try {
      refuseForeignPage(request, client, authentication.open, origins);
    } catch (error) {
      authentication.noteRefusal(client, error);
      return ['403 Forbidden', mask(error).message];
    }
    const pathname = URL.parse(request.url ?? '/', 'http://muster')?.pathname;
    if (pathname !== '/graphql') return ['404 Not Found', 'expected /graphql'];
    if (!total.isFull) return null;
    return ['429 Too Many Requests', `expected at most ${total.most} connections at a time`];
  }

  #open(socket: WebSocket, connection: Duplex, request: IncomingMessage): void {
    const { protocol, connections, rateLimiter, total, transfer, log } = this.#options;
    socket.once('close', total.open());
    // A broken frame is the peer's fault: `ws` closes the connection with the fitting code.
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket peer broke the protocol'));
    this.#pings.opened(socket);
    socket.on('pong', () => this.#pings.answered(socket));
    const unsent = transfer.unsent.open({ destroy: () => socket.terminate() });
    // A peer that has read is there, though the answer to its ping was not taken from it.
    const onCaughtUp = () => this.#pings.answered(socket);
    const writer = createSocketWriter({ webSocket: socket, connection, unsent, onCaughtUp });
    const extra: SocketExtra = {
      request: {
        headers: {
          token: request.headers.token,
          authorization: request.headers.authorization,
          [costHeader]: request.headers[costHeader],
        },
      },
      client: clientOf(connections, request),
      writer,
      unsent,
      close: (code, reason) => socket.close(code, reason),
      releases: [],
    };
    countUnfinishedMessage({
      webSocket: socket,
      connection,
      timeoutMs: transfer.bodyMs,
      open: () => transfer.bodies.open(extra.viewer ? viewerKey(extra.viewer) : withoutCredential),
      refuse: () => {
        socket.close(messageRefused, 'expected fewer bytes of unfinished messages');
        socket.pause();
        setTimeout(() => socket.terminate(), closeTimeoutMs).unref();
      },
    });
    const onBytes = (bytes: number) => {
      if (extra.viewer) chargeBytes(rateLimiter, extra.viewer, bytes);
    };
    const closed = protocol.opened(transportOf({ socket, writer, onBytes, log }), extra);
    socket.once('close', (code, reason) => {
      this.#pings.closed(socket);
      const closing = closed(code, String(reason))
        .catch((error: unknown) => log.error({ err: error }, 'a WebSocket could not be cleaned up'))
        .finally(() => this.#closings.delete(closing));
      this.#closings.add(closing);
    });
  }
}

/** The parts of a socket. */
interface Transport {
  readonly socket: WebSocket;
  readonly writer: WebSocketWriter;
  /** Called with the length of each message once it was taken. */
  onBytes(bytes: number): void;
  readonly log: Log;
}

/** A socket as graphql-ws takes it. */
function transportOf({ socket, writer, onBytes, log }: Transport): ProtocolSocket {
  return {
    protocol: socket.protocol,
    // Resolves once the system has taken the message, so that a peer which doesn't read delays only its own operations.
    send: (text) => writer.send(text),
    close: (code, reason) => socket.close(code, reason),
    onMessage: (take) => {
      socket.on('message', (data: Buffer) => {
        const text = String(data);
        take(text).catch((error: unknown) => {
          if (socket.readyState !== socket.OPEN) return;
          if (isServerMessage(text)) return socket.close(CloseCode.BadRequest, 'Invalid message received');
          log.error({ err: error }, 'a WebSocket message failed outside GraphQL');
          socket.close(4500, 'Internal server error');
        });
        // An operation is let in by the points that were there before it, as a POST is.
        onBytes(data.length);
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
