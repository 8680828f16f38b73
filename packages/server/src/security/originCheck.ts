import type { IncomingMessage, ServerResponse } from 'node:http';
import { DomainError } from '@muster/core';
import { isLoopback } from '../config/config.ts';

/** Browsers that show pages of these origins may ask this server, and read its answers (CORS). */
export type Origins = ReadonlySet<string>;

/** How long a browser may cache a preflight's answer, in seconds. */
const preflightMaxAgeSeconds = 600;

/**
 * Says to a page of one of the origins that it may read the answer, or, in answer to its preflight, what it may send.
 * Cookies play no part: a page sends its credential in the header Authorization.
 *
 * @returns whether the request was a preflight, which has been answered
 */
export function allowOrigin(origins: Origins, request: IncomingMessage, response: ServerResponse): boolean {
  if (origins.size === 0) return false;
  response.setHeader('vary', 'origin');
  const { origin } = request.headers;
  if (origin === undefined || !origins.has(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', 'retry-after, www-authenticate');
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': 'authorization, content-type, x-muster-cost',
    'access-control-max-age': String(preflightMaxAgeSeconds),
  });
  response.end();
  return true;
}

/**
 * Refuses a request behind which a web page of another origin is: browsers let any page open a WebSocket to any server,
 * and a name that resolves to 127.0.0.1 makes any page look local.
 *
 * @param open A5: whether the server asks for no credentials
 * @param origins the origins whose pages may ask, beside the server's own
 * @throws DomainError FORBIDDEN
 */
export function refuseForeignOrigin(request: IncomingMessage, open: boolean, origins: Origins): void {
  const problem = problemWith(request, open, origins);
  if (problem !== null) throw new DomainError('FORBIDDEN', problem);
}

/** The hosts of nearly all local requests, which need no parsing. */
const plainLoopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

function problemWith(request: IncomingMessage, open: boolean, origins: Origins): string | null {
  const { host, origin } = request.headers;
  if (origin !== undefined && origin !== 'null' && hostOf(origin) !== host && !origins.has(origin)) {
    return `expected a page of this server's own; got one of ${origin}`;
  }
  if (origin === 'null') return 'expected a page of this server; got one without an origin';
  if (open && host !== undefined && !plainLoopback.test(host) && !isLoopback(hostnameOf(host))) {
    return `expected a loopback host name while no credentials are configured; got ${host}`;
  }
  return null;
}

function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host;
}

function hostnameOf(host: string): string {
  return URL.parse(`http://${host}`)?.hostname ?? host;
}
