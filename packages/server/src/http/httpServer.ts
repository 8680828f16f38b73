import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ErrorCode, Viewer } from '@muster/core';
import type { GraphQLError } from 'graphql';
import type { Config } from '../config/config.ts';
import { httpStatus } from '../errors/httpStatus.ts';
import { refusalHeaders } from '../errors/refusalHeaders.ts';
import type { Engine } from '../graphql/engine.ts';
import { acceptsAnswer, acceptsOnlyStream, acceptsStream, notAcceptable } from '../graphql/mediaTypes.ts';
import type { OperationRequest } from '../graphql/operation.ts';
import { callerOf } from '../limits/caller.ts';
import type { RateLimiter } from '../limits/rateLimiter.ts';
import type { TransferBounds } from '../limits/transferBounds.ts';
import type { Health } from '../observe/health.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Authentication, Client } from '../security/authentication.ts';
import { tokenOfHeaders } from '../security/bearerToken.ts';
import type { ConnectionGate } from '../security/connectionGate.ts';
import { clientOf, type FrontConnections, followConnections } from '../security/frontConnections.ts';
import { allowOrigin, noOrigins, type Origins, refuseForeignPage } from '../security/originCheck.ts';
import type { RefusalPace } from '../security/refusalPace.ts';
import type { TlsFiles } from '../security/tlsFiles.ts';
import { type Console, createConsole } from './console.ts';
import type { EventStreams } from './eventStream.ts';
import { answerPost, answerSubscription, isOperationRequest } from './graphqlPost.ts';
import type { Mount } from './mount.ts';
import { createPlayground, type Playground } from './playground.ts';
import { closingHeaders, HttpRefusal, isClientGone } from './refusal.ts';
import { sendError, sendEvents, sendJson } from './reply.ts';
import { servePaths } from './requestPath.ts';
import { sendStartPage } from './startPage.ts';
import { boundUnread } from './unread.ts';

/** The parts of the server that HTTP needs. */
export interface HttpOptions {
  authentication: Authentication;
  gate: ConnectionGate;
  /** Null without TLS. */
  tls: TlsFiles | null;
  rateLimiter: Pick<RateLimiter, 'consume' | 'charge'>;
  refusals: RefusalPace;
  /** The origins whose pages may ask, beside the server's own. */
  origins: Origins;
  /** Turns any error into one that a client may read. */
  mask(error: unknown): GraphQLError;
  engine: Engine;
  /** Answers subscriptions. */
  streams: EventStreams;
  transfer: TransferBounds;
  /** Answers REST. */
  rest: Mount;
  /** Where gRPC listens, once a request can ask for it. */
  grpcAddress(): string;
  health: Health;
  metrics: Metrics;
  config: Pick<
    Config,
    | 'MUSTER_MAX_BODY_BYTES'
    | 'MUSTER_MAX_VARIABLE_VALUES'
    | 'MUSTER_REQUEST_TIMEOUT_SECONDS'
    | 'MUSTER_GRAPHIQL'
    | 'MUSTER_CONSOLE'
    | 'MUSTER_CONSOLE_LABEL'
    | 'MUSTER_BASE_PATH'
    | 'MUSTER_KEEP_ALIVE_TIMEOUT_SECONDS'
  >;
  log: Log;
}

/** The parts that answer a request. */
interface Parts extends HttpOptions {
  /** Null where it is switched off. */
  readonly playground: Playground | null;
  /** Null where it is switched off. */
  readonly console: Console | null;
}

/** An HTTP server, and the connections that it has. */
export interface HttpFront {
  readonly server: Server;
  readonly connections: FrontConnections;
}

/** The HTTP server: the routes, and the refusals that come before a body is read. It does not listen yet. */
export function createHttpServer(options: HttpOptions): HttpFront {
  const { tls, gate } = options;
  const requestTimeout = options.config.MUSTER_REQUEST_TIMEOUT_SECONDS * 1_000;
  const timeouts = {
    requestTimeout,
    headersTimeout: Math.min(20_000, requestTimeout),
    connectionsCheckingInterval: Math.min(10_000, requestTimeout / 2),
    // By default longer than agents wait between two reports, and than proxies keep an idle connection.
    keepAliveTimeout: options.config.MUSTER_KEEP_ALIVE_TIMEOUT_SECONDS * 1_000,
  };
  const server = tls ? tls.serve(createTlsServer({ ...timeouts, ...tls.serverOptions })) : createServer(timeouts);
  const connections = followConnections(server, gate);
  const { MUSTER_GRAPHIQL, MUSTER_CONSOLE, MUSTER_CONSOLE_LABEL } = options.config;
  const parts = {
    ...options,
    playground: MUSTER_GRAPHIQL ? createPlayground() : null,
    console: MUSTER_CONSOLE ? createConsole(MUSTER_CONSOLE_LABEL ?? '') : null,
  };
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    answer(parts, clientOf(connections, request), request, response).catch((error: unknown) => {
      if (isClientGone(request)) return;
      if (error instanceof HttpRefusal) {
        return sendError(response, error.status, error.code, error.message, error.headers);
      }
      options.log.error({ err: error }, 'a request failed outside GraphQL');
      if (response.headersSent) response.destroy();
      else sendError(response, 500, 'INTERNAL_SERVER_ERROR', 'an internal error; it was logged');
    });
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // A request that came before the answer to the one before it begins once that answer has been taken (W9).
    if (response.socket === null) response.once('socket', () => serve(request, response));
    else serve(request, response);
  });
  servePaths(server, options.config.MUSTER_BASE_PATH);
  return { server, connections };
}

/** A request's path, and its parameters. */
type Target = Pick<URL, 'pathname' | 'searchParams'> | null;

/** The target of most requests, which needs no parsing. */
const plainGraphQL: Target = { pathname: '/graphql', searchParams: new URLSearchParams() };

async function answer(
  options: Parts,
  client: Client,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { authentication, rest } = options;
  const target = request.url === '/graphql' ? plainGraphQL : URL.parse(request.url ?? '/', 'http://muster');
  const mount = target?.pathname.startsWith(rest.prefix) ? rest : null;
  const origins = authentication.open ? noOrigins : options.origins;
  try {
    refuseForeignPage(request, client, authentication.open, origins);
  } catch (error) {
    authentication.noteRefusal(client, error);
    return mount ? mount.refuse(response, error) : sendRefusal(response, options.mask(error), false);
  }
  if (target?.pathname !== '/graphql' && !mount) return answerOther(options, client, response, target?.pathname ?? '');
  if (allowOrigin(origins, request, response)) return;
  if (mount) return mount.answer(request, response, client);
  const answering = answerGraphQL(options, client, request, response, target?.searchParams ?? null);
  return acceptsOnlyStream(request.headers.accept)
    ? answering.catch((error) => refuseByEvents(response, error))
    : answering;
}

/** @throws the error itself, unless it is a refusal */
function refuseByEvents(response: ServerResponse, error: unknown): void {
  if (!(error instanceof HttpRefusal)) throw error;
  const { message, code, headers } = error;
  sendEvents(response, { errors: [{ message, extensions: { code } }] }, headers);
}

async function answerOther(options: Parts, client: Client, response: ServerResponse, pathname: string): Promise<void> {
  const { rest, health, metrics, authentication, playground } = options;
  try {
    authentication.takeAnonymous(client);
  } catch (error) {
    return refuse(options, response, error, client, false);
  }
  switch (pathname) {
    case '/health':
    // O7: the port is opened last, so a server that answers has started.
    case '/started':
      return sendJson(response, 200, { status: 'ok' });
    case '/ready': {
      const readiness = await health.readiness();
      return sendJson(response, readiness.ready ? 200 : 503, readiness);
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': metrics.contentType }).end(await metrics.text());
      return;
    case '/':
      return answerRoot(options, response);
    default:
      if (playground?.sendAsset(response, pathname) || options.console?.send(response, pathname)) {
        return boundUnread(response, null, options.transfer);
      }
      return sendError(
        response,
        404,
        'NOT_FOUND',
        `expected /, /graphql, /console, ${rest.prefix}docs, /health, /started, /ready or /metrics; got ${pathname.slice(0, 200)}`,
      );
  }
}

/** Says what there is. Operations that are sent here are for `/graphql`. */
function answerRoot(parts: Parts, response: ServerResponse): void {
  const { authentication, config, rest, grpcAddress } = parts;
  const request = response.req;
  const basePath = config.MUSTER_BASE_PATH;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(307, { location: `${basePath}/graphql`, ...closingHeaders(request) }).end();
    return;
  }
  sendStartPage(request, response, {
    open: authentication.open,
    hasPlayground: parts.playground !== null,
    hasConsole: parts.console !== null,
    basePath,
    docs: `${rest.prefix}docs`,
    openapi: `${rest.prefix}openapi.json`,
    grpcAddress: grpcAddress(),
  });
}

async function answerGraphQL(
  options: Parts,
  client: Client,
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams | null,
): Promise<void> {
  const { authentication, rateLimiter, engine } = options;
  let viewer: Viewer | undefined;
  try {
    requireJsonParameters(parameters);
    if (options.playground && asksForPage(request)) {
      authentication.takeAnonymous(client);
      options.playground.sendPage(response);
      return boundUnread(response, null, options.transfer);
    }
    viewer = await authentication.authenticate(client, tokenOfHeaders(request.headers));
    rateLimiter.consume(viewer);
    requireAcceptable(request);
    refuseSingleConnection(request, parameters);
  } catch (error) {
    if (error instanceof HttpRefusal) throw error;
    return refuse(options, response, error, viewer ?? client, acceptsOnlyStream(request.headers.accept));
  }
  if (request.method === 'POST') {
    const { config } = options;
    const bounds = { maxBodyBytes: config.MUSTER_MAX_BODY_BYTES, maxValues: config.MUSTER_MAX_VARIABLE_VALUES };
    return answerPost({ ...options, ...bounds }, request, response, viewer);
  }
  const asked = acceptsStream(request.headers.accept) ? parametersOf(request, parameters) : null;
  const admitted = asked && engine.pipeline.admit(viewer, asked, request);
  if (admitted && !('errors' in admitted) && admitted.kind === 'subscription') {
    return answerSubscription(options, request, response, { viewer, admitted });
  }
  await engine.yoga(request, response, { viewer, ...(admitted ? { admitted } : {}) });
  boundUnread(response, viewer, options.transfer);
}

/** @throws HttpRefusal 406 for a request whose client accepts no answer that there is */
function requireAcceptable({ headers: { accept } }: IncomingMessage): void {
  if (acceptsAnswer(accept)) return;
  // The body isn't read, so no other request can follow on this connection.
  throw new HttpRefusal(406, 'BAD_USER_INPUT', notAcceptable(accept, false), { connection: 'close' });
}

/** The parameters of a GET, which may ask for a subscription's events; null for anything unusual. */
function parametersOf(request: IncomingMessage, parameters: URLSearchParams | null): OperationRequest | null {
  if (request.method !== 'GET' || !parameters?.size) return null;
  const entries = [...parameters].map(([name, text]) => [
    name,
    name === 'variables' || name === 'extensions' ? JSON.parse(text || 'null') : text,
  ]);
  const asked: unknown = Object.fromEntries(entries);
  return isOperationRequest(asked) ? asked : null;
}

/** Whether a request is a browser's for a page, which everybody may load. */
function asksForPage({ method, headers }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && Boolean(headers.accept?.includes('text/html'));
}

/**
 * @throws HttpRefusal 405 for a request of graphql-sse in the mode in which all subscriptions share one connection: over
 * HTTP each has its own here, and WebSocket is there for many
 */
function refuseSingleConnection({ method, headers }: IncomingMessage, parameters: URLSearchParams | null): void {
  const isOfIt = headers['x-graphql-event-stream-token'] !== undefined || parameters?.has('operationId');
  if (method !== 'PUT' && !isOfIt) return;
  throw new HttpRefusal(
    405,
    'BAD_USER_INPUT',
    `expected a GET or POST for each operation, as of graphql-sse's distinct connections mode; got ${method}, as of its single connection mode, which is not served`,
    { allow: 'GET, POST' },
  );
}

/**
 * Refuses a request whose body isn't read.
 *
 * @param of whose request it is, as far as that is known
 * @param asEvents whether its client reads nothing but server-sent events
 */
async function refuse(
  { mask, refusals }: Pick<HttpOptions, 'mask' | 'refusals'>,
  response: ServerResponse,
  error: unknown,
  of: Viewer | Client,
  asEvents: boolean,
): Promise<void> {
  const refusal = mask(error);
  await refusals.hold(refusal, of, callerOf(response));
  if (!response.destroyed) sendRefusal(response, refusal, asEvents);
}

function sendRefusal(response: ServerResponse, { message, extensions }: GraphQLError, asEvents: boolean): void {
  const code = extensions.code as ErrorCode;
  const headers = { ...closingHeaders(response.req), ...refusalHeaders(extensions) };
  const result = { errors: [{ message, extensions }] };
  if (asEvents) sendEvents(response, result, headers);
  else sendJson(response, httpStatus[code], result, headers);
}

/** Yoga would take what JSON.parse throws about a GET's parameters for an internal error. @throws HttpRefusal 400 */
function requireJsonParameters(parameters: URLSearchParams | null): void {
  for (const name of ['variables', 'extensions']) {
    const text = parameters?.get(name);
    if (text && !isJson(text)) {
      throw new HttpRefusal(400, 'BAD_USER_INPUT', `expected ${name} to be JSON; got other text`);
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
