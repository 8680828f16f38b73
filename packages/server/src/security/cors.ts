import type { IncomingMessage, ServerResponse } from 'node:http';

/** Browsers that show pages of these origins may ask this server, and read its answers. */
export type Origins = ReadonlySet<string>;

/** How long a browser may remember what it was allowed, in seconds. */
const rememberedSeconds = 600;

/**
 * Says to a page of one of the origins that it may read the answer, or, in answer to its preflight, what it may send.
 * Cookies play no part: what a page has to show, it sends in the header Authorization.
 *
 * @returns whether it was a preflight, which has been answered
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
    'access-control-max-age': String(rememberedSeconds),
  });
  response.end();
  return true;
}
