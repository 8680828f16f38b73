import type { IncomingMessage, Server } from 'node:http';

/** The path of a request without the prefix below which a proxy shows the server (O13). */
export function withoutBasePath(basePath: string, url: string): string {
  if (!url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}

/**
 * Takes the prefix off the paths of all requests, WebSockets' among them, before anything looks at them. Requests without it
 * are served too: some proxies take it off, and probes ask the server itself.
 *
 * @param basePath the prefix, without a slash at its end; empty for none
 */
export function serveBelow(server: Server, basePath: string): void {
  if (basePath === '') return;
  const strip = (request: IncomingMessage) => {
    request.url = withoutBasePath(basePath, request.url ?? '/');
  };
  server.prependListener('request', strip);
  server.prependListener('upgrade', strip);
}
