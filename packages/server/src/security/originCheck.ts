import type { IncomingMessage, ServerResponse } from 'node:http';
import { DomainError } from '@muster/core';
import { isLoopback } from '../config/config.ts';
import type { Client } from './authentication.ts';

/** Browsers that show pages of these origins may ask this server, and read its answers (CORS). */
export type Origins = ReadonlySet<string>;

/** No origins. */
export const noOrigins: Origins = new Set();

/** How long a browser may cache a preflight's answer, in seconds. */
const preflightMaxAgeSeconds = 600;

/** The headers of an answer that a page may read. A request's id is added by proxies. */
const exposedHeaders = 'retry-after, www-authenticate, allow, accept-encoding, x-request-id, traceparent';

/**
 * Says to a page of one of the origins that it may read the answer, or, in answer to its preflight, what it may send: any
 * header, since clients and tracers bring their own, and unknown ones mean nothing. A page sends its credential in the
 * header Authorization; cookies mean nothing here either, but a proxy's may come along.
 *
 * @returns whether the request was a preflight, which has been answered
 */
export function allowOrigin(origins: Origins, request: IncomingMessage, response: ServerResponse): boolean {
  if (origins.size === 0) return false;
  response.setHeader('vary', 'origin, access-control-request-headers');
  const { origin } = request.headers;
  if (origin === undefined || !origins.has(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-expose-headers', exposedHeaders);
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? 'authorization, content-type',
    'access-control-max-age': String(preflightMaxAgeSeconds),
  });
  response.end();
  return true;
}

/**
 * Refuses a request behind which a web page of another origin is: browsers let any page open a WebSocket to any server,
 * and send GETs and forms; and a name that resolves to 127.0.0.1 makes any page look local. A server that asks for no
 * credentials takes the browser's word for every request, reading included, and admits no further origin (A5).
 *
 * @param client whose request it is: the host that it asked for is the proxy's `X-Forwarded-Host` where that is trusted (O13)
 * @param open A5: whether the server asks for no credentials
 * @param origins the origins whose pages may ask, beside the server's own, where credentials are asked for
 * @throws DomainError FORBIDDEN
 */
export function refuseForeignPage(request: IncomingMessage, client: Client, open: boolean, origins: Origins): void {
  const headers = pageHeaders(request, client);
  const problem = open ? problemWhenOpen(headers) : foreignOrigin(headers, origins);
  if (problem !== null) throw new DomainError('FORBIDDEN', problem);
}

/** The headers by which a browser tells what page a request is from. */
type PageHeaders = IncomingMessage['headers'];

function pageHeaders({ headers }: IncomingMessage, { connection }: Client): PageHeaders {
  const forwarded = connection.isProxy ? headers['x-forwarded-host'] : undefined;
  if (forwarded === undefined) return headers;
  // Proxies behind it may have added what they were asked for.
  return { ...headers, host: String(forwarded).split(',', 1)[0]?.trim() };
}

/** The hosts of nearly all local requests, which need no parsing. */
const plainLoopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

function problemWhenOpen(headers: PageHeaders): string | null {
  const { host, referer } = headers;
  if (host !== undefined && !plainLoopback.test(host) && !isLoopback(hostnameOf(host))) {
    return `expected a loopback host name while no credentials are configured; got ${host}`;
  }
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return null;
  if (site !== undefined) {
    return `expected a page of this server's own, or no page, while no credentials are configured; got one that is ${site}`;
  }
  const problem = foreignOrigin(headers, noOrigins);
  if (problem !== null || referer === undefined || hostOf(referer) === host) return problem;
  return `expected a page of this server's own; got one at ${hostOf(referer)}`;
}

function foreignOrigin({ host, origin }: PageHeaders, origins: Origins): string | null {
  if (origin === 'null') return 'expected a page of this server; got one without an origin';
  if (origin === undefined || hostOf(origin) === host || origins.has(origin)) return null;
  return `expected a page of this server's own, at ${host}; got one of ${origin}`;
}

function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host;
}

function hostnameOf(host: string): string {
  return URL.parse(`http://${host}`)?.hostname ?? host;
}
