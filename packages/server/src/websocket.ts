import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs, ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { foreignPage } from './foreignPage.ts';
import type { Log } from './log.ts';
import type { ServerContext, Yoga } from './yoga.ts';

/** How often a peer is asked whether it still lives; one that hasn't answered by the next time is cut off. */
const pingIntervalMs = 12_000;
/** How long a peer may take to answer a close; one that doesn't is cut off. */
const closeTimeoutMs = 2_000;

export interface WebSocketOptions {
  server: Server;
  yoga: Yoga;
  maxMessageBytes: number;
  mask(error: unknown): GraphQLError;
  log: Log;
}

/** Serves `graphql-transport-ws` at /graphql; returns how to close all sockets with 1001, within `closeTimeoutMs`. */
export function serveWebSockets({ server, yoga, maxMessageBytes, mask, log }: WebSocketOptions): () => Promise<void> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  /** What graphql-ws still does for sockets that have closed: ending their subscriptions. */
  const closings = new Set<Promise<void>>();
  const protocol = makeServer<Record<string, unknown>, { request: IncomingMessage }>({
    onSubscribe: ({ extra }, _id, payload) => prepare(yoga, mask, extra.request, payload),
    // Yoga has masked what execution found; this is for a stream that broke.
    onError: (_ctx, _id, _payload, errors) => errors.map((error) => withoutHttp(mask(error).toJSON())),
    onNext: (_ctx, _id, _payload, _args, result) => {
      if (!result.errors) return;
      const errors = result.errors.map((error) => withoutHttp(error.toJSON()));
      return { ...(result.data === undefined ? {} : { data: result.data }), errors };
    },
    execute: (args) => engineOf(args).execute(args) as ExecutionResult,
    subscribe: (args) => engineOf(args).subscribe(args) as Promise<AsyncIterableIterator<ExecutionResult>>,
  });

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const pathname = URL.parse(request.url ?? '/', 'http://muster')?.pathname;
    const foreign = foreignPage(request, true);
    if (pathname !== '/graphql') refuse(socket, '404 Not Found', 'expected /graphql');
    else if (foreign !== null) refuse(socket, '403 Forbidden', foreign);
    else sockets.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, request));
  }

  function open(socket: WebSocket, request: IncomingMessage): void {
    // A broken frame is the peer's fault: `ws` closes the connection with the fitting code, and nobody else notices.
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket peer broke the protocol'));
    const stopPinging = keepAlive(socket);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        // Resolves once the system has taken the message, so that a peer which doesn't read holds up only itself.
        send: (text) =>
          new Promise((resolve, reject) => {
            if (socket.readyState !== socket.OPEN) return resolve();
            socket.send(text, (error) => (error ? reject(error) : resolve()));
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on('message', (data) => {
            take(String(data)).catch((error: unknown) => {
              if (socket.readyState !== socket.OPEN) return;
              log.error({ err: error }, 'a WebSocket message failed outside GraphQL');
              socket.close(4500, 'Internal server error');
            });
          });
        },
      },
      { request },
    );
    socket.once('close', (code, reason) => {
      stopPinging();
      const closing = closed(code, String(reason))
        .catch((error: unknown) => log.error({ err: error }, 'a WebSocket could not be cleaned up'))
        .finally(() => closings.delete(closing));
      closings.add(closing);
    });
  }

  server.on('upgrade', upgrade);
  return async () => {
    server.off('upgrade', upgrade);
    server.on('upgrade', (_request, socket) => refuse(socket, '503 Service Unavailable', 'the server is stopping'));
    await Promise.all([...sockets.clients].map(closeGoingAway));
    await Promise.all(closings);
  };
}

/** An operation, ready to run, or why it can't be: whatever is wrong ends the operation, never the socket. */
async function prepare(
  yoga: Yoga,
  mask: (error: unknown) => GraphQLError,
  request: IncomingMessage,
  payload: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  try {
    const engine = yoga.getEnveloped({ req: request, params: payload } as ServerContext);
    const document = engine.parse(payload.query);
    const errors: readonly GraphQLError[] = engine.validate(engine.schema, document);
    if (errors.length > 0) return errors.map(mask);
    return {
      schema: engine.schema,
      document,
      operationName: payload.operationName,
      variableValues: payload.variables,
      contextValue: await engine.contextFactory(),
      // Where the functions below find the engine that this operation was prepared with.
      rootValue: { [engineKey]: engine },
    };
  } catch (error) {
    return [mask(error)];
  }
}

/** Yoga leaves the HTTP status for its own transport in an error; here it says nothing. */
function withoutHttp(error: GraphQLFormattedError): GraphQLFormattedError {
  const { http: _, ...extensions } = error.extensions ?? {};
  return { ...error, extensions };
}

type Engine = ReturnType<Yoga['getEnveloped']>;
const engineKey = Symbol('engine');

function engineOf(args: ExecutionArgs): Engine {
  return (args.rootValue as { [engineKey]: Engine })[engineKey];
}

/** Pings; a peer that has not answered one ping by the time of the next is gone, whatever the system says. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, pingIntervalMs);
  return () => clearInterval(timer);
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
