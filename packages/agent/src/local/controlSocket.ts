import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { ConfigError } from '../config/configError.ts';
import { errorMessage } from '../errorMessage.ts';
import { askAgent } from './askAgent.ts';

/** The things that commands on the host may ask of the running agent. */
export interface ControlParts {
  /** The lines of a plugin's logs; undefined where nothing of it is there. */
  logs(query: LogQuery, signal: AbortSignal): AsyncIterable<string> | undefined;
  /** Stops all plugins, and starts none until the agent starts anew (G8). Resolves when none is left. */
  drain(signal: AbortSignal): Promise<void>;
}

/** The logs that are asked for. */
interface LogQuery {
  readonly pluginId: string;
  /** Null: the one that runs, else the last one. */
  readonly version: string | null;
  readonly tail: number;
  readonly follow: boolean;
}

/** The socket's place in the state folder. */
export function socketIn(stateFolder: string): string {
  return join(stateFolder, 'agent.sock');
}

/**
 * Listens for the host's own commands (G9), on a socket that only the agent's user and group can open. It bars a second
 * agent from the folder, too.
 *
 * @throws ConfigError if another agent listens there
 */
export async function openControlSocket(stateFolder: string, parts: ControlParts): Promise<{ close(): Promise<void> }> {
  const path = socketIn(stateFolder);
  const answers = await askAgent(path, 'GET', '/').then(
    () => true,
    () => false,
  );
  if (answers)
    throw new ConfigError(`stateFolder: expected a folder of this agent alone; another one runs on ${stateFolder}`);
  // A socket that nobody answers is left of an agent that was killed.
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    answer(parts, request, response).catch((error) => response.destroy(error));
  });
  server.listen(path);
  await once(server, 'listening');
  chmodSync(path, 0o660);
  return {
    close: async () => {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function answer(parts: ControlParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://agent');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (pathname === '/logs') return sendLogs(parts, searchParams, response, gone.signal);
  if (pathname === '/drain' && request.method === 'POST') {
    await parts.drain(gone.signal);
    response.end('no plugin runs\n');
    return;
  }
  response.writeHead(pathname === '/' ? 200 : 404).end();
}

async function sendLogs(
  parts: ControlParts,
  query: URLSearchParams,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const pluginId = query.get('pluginId') ?? '';
  const version = query.get('version');
  const asked = { pluginId, version, tail: Number(query.get('tail') ?? 100), follow: query.get('follow') === 'true' };
  const lines = parts.logs(asked, signal);
  if (!lines) {
    response
      .writeHead(404)
      .end(`expected a plugin that is on this host; got ${pluginId}${version ? ` ${version}` : ''}\n`);
    return;
  }
  response.flushHeaders();
  try {
    for await (const line of lines) {
      if (!response.write(`${line}\n`)) await once(response, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) response.write(`the logs ended: ${errorMessage(error)}\n`);
  }
  response.end();
}
