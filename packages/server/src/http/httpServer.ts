import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Access, ErrorCode, Viewer } from '@muster/core';
import type { GraphQLError } from 'graphql';
import type { Config } from '../config/config.ts';
import { httpStatus } from '../errors/httpStatus.ts';
import type { Engine } from '../graphql/engine.ts';
import type { RateLimiter } from '../limits/rateLimiter.ts';
import type { Health } from '../observe/health.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { tokenOfHeaders } from '../security/bearerToken.ts';
import { allowOrigin, type Origins, refuseForeignOrigin } from '../security/originCheck.ts';
import { answerPost } from './graphqlPost.ts';
import type { Mount } from './mount.ts';
import { HttpRefusal, isClientGone, refusalHeaders } from './refusal.ts';
import { sendError, sendJson } from './reply.ts';

/** The parts of the server that HTTP needs. */
export interface HttpOptions {
  access: Access;
  rateLimiter: Pick<RateLimiter, 'consume'>;
  /** The origins whose pages may ask, beside the server's own. */
  origins: Origins;
  /** Turns any error into one that a client may read. */
  mask(error: unknown): GraphQLError;
  engine: Engine;
  /** Answers REST. */
  rest: Mount;
  health: Health;
  metrics: Metrics;
  config: Pick<Config, 'MUSTER_MAX_BODY_BYTES' | 'MUSTER_REQUEST_TIMEOUT_SECONDS' | 'MUSTER_GRAPHIQL'>;
  log: Log;
}

/** The HTTP server: the routes, and the refusals that come before a body is read. It does not listen yet. */
export function createHttpServer(options: HttpOptions): Server {
  const requestTimeout = options.config.MUSTER_REQUEST_TIMEOUT_SECONDS * 1_000;
  const timeouts = {
    requestTimeout,
    headersTimeout: Math.min(20_000, requestTimeout),
    connectionsCheckingInterval: Math.min(10_000, requestTimeout / 2),
    // Longer than agents wait between two reports, and than proxies keep an idle connection.
    keepAliveTimeout: 65_000,
  };
  return createServer(timeouts, (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (isClientGone(request)) return;
      if (error instanceof HttpRefusal) {
        return sendError(response, error.status, error.code, error.message, error.headers);
      }
      options.log.error({ err: error }, 'a request failed outside GraphQL');
      if (response.headersSent) response.destroy();
      else sendError(response, 500, 'INTERNAL_SERVER_ERROR', 'an internal error; it was logged');
    });
  });
}

function answer(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // The path of most requests, which needs no parsing.
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
  const { rest } = options;
  if (pathname?.startsWith(rest.prefix)) {
    if (allowOrigin(options.origins, request, response)) return;
    return rest.answer(request, response);
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
        `expected /graphql, ${rest.prefix}docs, /health, /ready or /metrics; got ${pathname?.slice(0, 200)}`,
      );
  }
}

async function answerGraphQL(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams | null,
): Promise<void> {
  const { access, origins, rateLimiter, engine } = options;
  if (allowOrigin(origins, request, response)) return;
  let viewer: Viewer;
  try {
    refuseForeignOrigin(request, access.open, origins);
    requireJsonParameters(parameters);
    if (asksForPlayground(options, request)) return engine.yoga(request, response, {});
    viewer = await access.authenticate(tokenOfHeaders(request.headers));
    rateLimiter.consume(viewer);
  } catch (error) {
    if (error instanceof HttpRefusal) throw error;
    return sendRefusal(response, options.mask(error));
  }
  if (request.method !== 'POST') return engine.yoga(request, response, { viewer });
  const maxBodyBytes = options.config.MUSTER_MAX_BODY_BYTES;
  return answerPost({ engine, maxBodyBytes }, request, response, viewer);
}

/** Whether a request is for the playground's page, which everybody may load. */
function asksForPlayground({ config }: HttpOptions, { method, headers }: IncomingMessage): boolean {
  return config.MUSTER_GRAPHIQL && method === 'GET' && Boolean(headers.accept?.includes('text/html'));
}

function sendRefusal(response: ServerResponse, { message, extensions }: GraphQLError): void {
  const code = extensions.code as ErrorCode;
  // The body isn't read, so no other request can follow on this connection.
  const headers = { connection: 'close', ...refusalHeaders(extensions) };
  sendJson(response, httpStatus[code], { errors: [{ message, extensions }] }, headers);
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
