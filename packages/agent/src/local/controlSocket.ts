import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { ConfigError } from '../config/configError.ts';
import { errorMessage } from '../errorMessage.ts';
import { claimFolder, claimName, isAnswered } from './claimFolder.ts';

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

/** The socket's place in the state folder: a link to the one of the agent that runs, which lies in its claim. */
export function socketIn(stateFolder: string): string {
  return join(stateFolder, 'agent.sock');
}

/** The socket of an agent, which bars a second one from its folder. */
export interface ControlSocket {
  /** Begins to answer commands; until then they are refused. */
  serve(parts: ControlParts): void;
  close(): Promise<void>;
}

/** The longest path of a socket on every system: macOS has the least room. */
const longestPathBytes = 103;

/**
 * Listens for the host's own commands (G9), on a socket that only the agent's user and group can open. It bars a second
 * agent from the folder, too, so it is opened before anything else there is touched.
 *
 * @throws ConfigError if another agent listens there, or no socket can be made
 */
export async function openControlSocket(stateFolder: string): Promise<ControlSocket> {
  const path = socketIn(stateFolder);
  const bytes = Buffer.byteLength(path);
  if (bytes > longestPathBytes) {
    const most = longestPathBytes - (bytes - Buffer.byteLength(stateFolder));
    throw new ConfigError(`stateFolder: expected at most ${most} bytes, since a socket lies in it; got ${stateFolder}`);
  }
  let parts: ControlParts | undefined;
  const server = createServer((request, response) => {
    if (parts) answer(parts, request, response).catch((error) => response.destroy(error));
    else response.writeHead(503).end('the agent is starting\n');
  });
  const name = randomBytes(3).toString('hex');
  let isOurs: boolean;
  try {
    // An agent of an earlier version listens at this very place, and has no claim.
    isOurs = !(await isAnswered(path)) && (await listenInClaim(server, stateFolder, name));
    if (isOurs) replaceLink(path, join(claimName, name));
  } catch (error) {
    server.close();
    throw new ConfigError(`stateFolder: expected a folder that can be written; got ${errorMessage(error)}`);
  }
  if (!isOurs) {
    server.close();
    throw new ConfigError(`stateFolder: expected a folder of this agent alone; another one runs on ${stateFolder}`);
  }
  return {
    serve: (served) => {
      parts = served;
    },
    close: async () => {
      // The claim ends last: from then on the link is another agent's.
      rmSync(path, { force: true });
      rmSync(join(stateFolder, claimName, name), { force: true });
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Whether the folder could be claimed, with a socket on which the server listens. */
async function listenInClaim(server: Server, stateFolder: string, name: string): Promise<boolean> {
  const socket = join(stateFolder, name);
  server.listen(socket);
  await once(server, 'listening');
  chmodSync(socket, 0o660);
  return claimFolder(stateFolder, name);
}

/** Has a link lead elsewhere, without a moment in which there is none. */
function replaceLink(path: string, target: string): void {
  const beside = `${path}.new`;
  rmSync(beside, { force: true });
  symlinkSync(target, beside);
  renameSync(beside, path);
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
