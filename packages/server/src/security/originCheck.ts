import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../config/config.ts';
import type { Origins } from './cors.ts';

/** What nearly every local request says needs no parsing. */
const plainLoopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/**
 * Why a request may not be answered, if a web page of another origin is behind it: browsers let any page open a
 * WebSocket to any server, and a name that resolves to 127.0.0.1 makes any page look local. Null for all else.
 *
 * @param open A5: whether the server asks for no credentials
 * @param origins whose pages may come, beside the server's own
 */
export function foreignPage(request: IncomingMessage, open: boolean, origins: Origins): string | null {
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
