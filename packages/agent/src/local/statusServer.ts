import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../config/configError.ts';

/** The parts of the agent that the status shows. */
export interface StatusParts {
  /** The whole of `/status`, for JSON. */
  status(): unknown;
  metrics(): Promise<string>;
  readonly metricsType: string;
  /** The engine answers. */
  isReady(): boolean;
  /** The loop runs. */
  isLive(): boolean;
}

/** Serves `/status`, `/metrics`, `/ready` and `/live` for this host. @throws ConfigError if it can't listen there */
export async function openStatusServer(
  parts: StatusParts,
  { host, port }: { host: string; port: number },
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(parts, request.url ?? '', response).catch(() => response.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`status: expected a host and a port to listen on; got ${error.code} for ${host}:${port}`);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function answer(parts: StatusParts, url: string, response: ServerResponse): Promise<void> {
  const say = (isWell: boolean) => response.writeHead(isWell ? 200 : 503).end(isWell ? 'yes\n' : 'no\n');
  switch (url.split('?')[0]) {
    case '/status':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(parts.status(), null, 2)}\n`);
      return;
    case '/metrics':
      response.writeHead(200, { 'content-type': parts.metricsType }).end(await parts.metrics());
      return;
    case '/ready':
      say(parts.isReady());
      return;
    case '/live':
      say(parts.isLive());
      return;
    default:
      response.writeHead(404).end('expected /status, /metrics, /ready or /live\n');
  }
}
