import type { IncomingMessage, Server } from 'node:http';

/** The path of a request without the prefix below which a proxy shows the server (O13). */
export function withoutBasePath(basePath: string, url: string): string {
  if (!url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}

/** The path of a request, where `/graphql/` is `/graphql`: clients and proxies add the slash. */
export function withoutLastSlash(url: string): string {
  return url.startsWith('/graphql/') ? url.replace(/^\/graphql\/(?=$|\?)/, '/graphql') : url;
}

/**
 * Brings the paths of all requests, WebSockets' among them, into the form that the routes have, before anything looks at
 * them. Requests without the prefix are served too: some proxies take it off, and probes ask the server itself.
 *
 * @param basePath the prefix, without a slash at its end; empty for none
 */
export function servePaths(server: Server, basePath: string): void {
  const shorten = (request: IncomingMessage) => {
    if (request.url === '/graphql') return;
    request.url = withoutLastSlash(withoutBasePath(basePath, request.url ?? '/'));
  };
  server.prependListener('request', shorten);
  server.prependListener('upgrade', shorten);
}
