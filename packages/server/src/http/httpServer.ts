import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Access, DomainError, type ErrorCode, type Viewer } from '@muster/core';
import type { GraphQLError } from 'graphql';
import type { Config } from '../config/config.ts';
import { httpStatus } from '../errors/httpStatus.ts';
import type { Yoga } from '../graphql/engine.ts';
import type { Health } from '../observe/health.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { tokenOfHeaders } from '../security/bearerToken.ts';
import { allowOrigin, type Origins } from '../security/cors.ts';
import { foreignPage } from '../security/originCheck.ts';
import { type Rest, restPrefix } from '../wire/rest/rest.ts';
import { readBody } from './body.ts';
import { answerPlainly } from './graphqlPost.ts';
import { sendError, sendJson, sendText } from './reply.ts';

export interface HttpOptions {
  access: Access;
  /** Whose pages may come, beside the server's own. */
  origins: Origins;
  /** @throws DomainError UNAUTHENTICATED or RATE_LIMITED */
  viewerOf(token: string | null): Promise<Viewer> | Viewer;
  mask(error: unknown): GraphQLError;
  yoga: Yoga;
  rest: Rest;
  health: Health;
  metrics: Metrics;
  config: Pick<Config, 'MUSTER_MAX_BODY_BYTES' | 'MUSTER_REQUEST_TIMEOUT_SECONDS' | 'MUSTER_GRAPHIQL'>;
  log: Log;
}

/** The HTTP server: the routes, and what must be refused before a body is read. It does not listen yet. */
export function createHttpServer(options: HttpOptions): Server {
  const requestTimeout = options.config.MUSTER_REQUEST_TIMEOUT_SECONDS * 1_000;
  const timeouts = {
    requestTimeout,
    headersTimeout: Math.min(20_000, requestTimeout),
    connectionsCheckingInterval: Math.min(10_000, requestTimeout / 2),
    // Longer than agents wait between two reports, and than proxies keep a connection that nobody uses.
    keepAliveTimeout: 65_000,
  };
  return createServer(timeouts, (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      // The client went away before it had sent all.
      if (request.destroyed && !request.complete) return;
      options.log.error({ err: error }, 'a request failed outside GraphQL');
      if (response.headersSent) response.destroy();
      else sendError(response, 500, 'INTERNAL_SERVER_ERROR', 'an internal error; it was logged');
    });
  });
}

function answer(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // What most requests are for needs no parsing.
  if (request.url === '/graphql') return answerGraphQL(options, request, response, null);
  const url = URL.parse(request.url ?? '/', 'http://muster');
  if (url?.pathname !== '/graphql') return answerOther(options, request, response, url?.pathname);
  return answerGraphQL(options, request, response, url.search ? url.searchParams : null);
}

async function answerOther(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string | undefined,
): Promise<void> {
  if (pathname?.startsWith(restPrefix)) {
    if (allowOrigin(options.origins, request, response)) return;
    return options.rest(request, response);
  }
  switch (pathname) {
    case '/health':
      return sendJson(response, 200, { status: 'ok' });
    case '/ready': {
      const readiness = await options.health.readiness();
      return sendJson(response, readiness.ready ? 200 : 503, readiness);
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': options.metrics.contentType }).end(await options.metrics.text());
      return;
    case '/':
      response.writeHead(302, { location: '/graphql' }).end();
      return;
    default:
      return sendError(
        response,
        404,
        'NOT_FOUND',
        `expected /graphql, ${restPrefix}docs, /health, /ready or /metrics; got ${pathname?.slice(0, 200)}`,
      );
  }
}

async function answerGraphQL(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams | null,
): Promise<void> {
  if (allowOrigin(options.origins, request, response)) return;
  const foreign = foreignPage(request, options.access.open, options.origins);
  if (foreign !== null) return sendRefusal(response, options.mask(new DomainError('FORBIDDEN', foreign)));
  const malformed = malformedParameter(parameters);
  if (malformed) return sendError(response, 400, 'BAD_USER_INPUT', `expected ${malformed} to be JSON; got other text`);
  if (asksForPlayground(options, request)) return options.yoga(request, response, {});
  let viewer: Viewer;
  try {
    viewer = await options.viewerOf(tokenOfHeaders(request.headers));
  } catch (error) {
    return sendRefusal(response, options.mask(error));
  }
  if (request.method === 'POST') return answerPost(options, request, response, viewer);
  await options.yoga(request, response, { viewer });
}

/** The playground's page itself is for everybody. */
function asksForPlayground({ config }: HttpOptions, { method, headers }: IncomingMessage): boolean {
  return config.MUSTER_GRAPHIQL && method === 'GET' && Boolean(headers.accept?.includes('text/html'));
}

async function answerPost(
  { yoga, config }: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  viewer: Viewer,
): Promise<void> {
  const type = mediaType(request.headers['content-type']);
  // Nothing but JSON: what a form can send, a foreign page can send without asking.
  if (type !== 'application/json') {
    const came = type === undefined ? 'none' : JSON.stringify(type.slice(0, 200));
    return sendError(response, 415, 'BAD_USER_INPUT', `expected the content type application/json; got ${came}`);
  }
  const limit = config.MUSTER_MAX_BODY_BYTES;
  const body = await readBody(request, limit);
  if (body === null) {
    // The rest of the body is not read, so nothing else can come on this connection.
    return sendError(response, 413, 'BAD_USER_INPUT', `expected a body of at most ${limit} bytes; got a longer one`, {
      connection: 'close',
    });
  }
  const plain = await answerPlainly(yoga, request, viewer, body);
  if (plain !== null) return sendText(response, plain.status, plain.type, plain.text);
  if (!isJson(body.toString()))
    return sendError(response, 400, 'BAD_USER_INPUT', 'expected a body of JSON; got another');
  // Yoga knows the type in small letters alone.
  request.headers['content-type'] = type;
  // Yoga takes a body that has been read from here.
  Object.assign(request, { body });
  await yoga(request, response, { viewer });
}

function mediaType(header: string | undefined): string | undefined {
  return header === 'application/json' ? header : header?.split(';', 1)[0]?.trim().toLowerCase();
}

function sendRefusal(response: ServerResponse, { message, extensions }: GraphQLError): void {
  const code = extensions.code as ErrorCode;
  sendJson(response, httpStatus[code], { errors: [{ message, extensions }] }, refusalHeaders(extensions));
}

/** What HTTP itself says of a refusal, beside its code. */
function refusalHeaders({ code, retryAfterMs }: Readonly<Record<string, unknown>>): Record<string, string> {
  // The body isn't read, so nothing else can come on this connection.
  const headers = { connection: 'close' };
  if (code === 'UNAUTHENTICATED') return { ...headers, 'www-authenticate': 'Bearer' };
  if (code === 'RATE_LIMITED') return { ...headers, 'retry-after': String(Math.ceil(Number(retryAfterMs) / 1_000)) };
  return headers;
}

/** The parameter of a GET's URL that should be JSON and isn't; yoga would take its failure to parse for one of ours. */
function malformedParameter(parameters: URLSearchParams | null): string | undefined {
  return ['variables', 'extensions'].find((name) => {
    const text = parameters?.get(name);
    return text && !isJson(text);
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
