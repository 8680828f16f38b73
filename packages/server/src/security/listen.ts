import { once } from 'node:events';
import type { Server } from 'node:net';
import { ConfigError } from '../config/configError.ts';
import { listenBacklog } from './frontConnections.ts';

/** Where to listen, and by which setting. */
export interface ListenAddress {
  readonly variable: 'PORT' | 'GRPC_PORT';
  readonly host: string;
  readonly port: number;
}

/** Listens. @throws ConfigError that says which setting to change (O11) */
export async function listen(server: Server, address: ListenAddress): Promise<void> {
  const { host, port } = address;
  server.listen({ port, host, backlog: listenBacklog });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explain(error, address);
  }
}

function explain(error: unknown, { variable, host, port }: ListenAddress): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigError(
        `${variable}: ${place} is in use (EADDRINUSE): stop the program that has it, or choose another port`,
      );
    case 'EACCES':
      return new ConfigError(`${variable}: this user may not listen on ${place} (EACCES): choose a port from 1024 on`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigError(`HOST: expected an address of this machine; got ${JSON.stringify(host)} (${code})`);
    default:
      return error;
  }
}
