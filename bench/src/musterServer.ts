import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { BenchError } from './benchError.ts';
import type { BenchServer } from './benchServer.ts';
import { requirePid, stopProcess, untimelyEnd } from './childProcess.ts';
import { settledMemoryFlags } from './settledMemory.ts';
import { readStartFlags } from './startFlags.ts';

const main = fileURLToPath(import.meta.resolve('../../packages/server/src/main.ts'));
const startWithinMs = 120_000;
/** Number of characters of the server's last output that an error shows. */
const keptOutput = 4_000;

/** Without the limits of one viewer: all requests of a bench come from the same viewer. */
const oneViewer = {
  MUSTER_REQUESTS_PER_SECOND: '1000000',
  MUSTER_POINTS_PER_SECOND: '1000000000',
  MUSTER_POINTS_PER_MINUTE: '1000000000',
  MUSTER_QUOTA_SUPERVISORS: '100000000',
  MUSTER_QUOTA_NEWCOMERS: '100000000',
  MUSTER_QUOTA_PLUGINS: '100000000',
  MUSTER_MAX_OPERATIONS_PER_CREDENTIAL: '1000',
  MUSTER_MAX_OPERATIONS_PER_DOMAIN: '1000',
  MUSTER_MAX_CONNECTIONS_PER_CREDENTIAL: '1000000',
  MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL: '1000000',
};

/** A Muster server in its own process; its `url` is the GraphQL endpoint. */
export interface MusterServer extends BenchServer {
  /** Address of its gRPC server, such as `127.0.0.1:40124`. */
  readonly grpcAddress: string;
}

/** Starts a program whose output is read. */
export type StartProgram = (
  command: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; stdio: ['ignore', 'pipe', 'pipe'] },
) => ChildProcessByStdio<null, Readable, Readable>;

/** How a server is started. */
export interface MusterServerOptions {
  /** The variables of the server. Default: those without the limits of one viewer. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default: a child process that ends with the bench. */
  readonly start?: StartProgram;
}

/** Starts the real server, as users do, in its own process whose memory can be settled. */
export function startMusterServer(
  databaseUrl: string,
  signal: AbortSignal,
  options: MusterServerOptions = {},
): Promise<MusterServer> {
  return startOver({ DATABASE_URL: databaseUrl }, signal, options);
}

/** Starts the real server as `startMusterServer` does, on the embedded database in a folder. */
export function startEmbeddedServer(
  folder: string,
  signal: AbortSignal,
  options: MusterServerOptions = {},
): Promise<MusterServer> {
  return startOver({ MUSTER_DATA_DIR: folder }, signal, options);
}

async function startOver(
  database: Readonly<Record<string, string>>,
  signal: AbortSignal,
  {
    settings = oneViewer,
    start = (command, args, options) => spawn(command, args, { ...options, signal }),
  }: MusterServerOptions,
): Promise<MusterServer> {
  const child = start(process.execPath, [...readStartFlags(), ...settledMemoryFlags, main], {
    env: {
      ...withoutSettings(process.env),
      ...settings,
      ...database,
      HOST: '127.0.0.1',
      PORT: '0',
      GRPC_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = untimelyEnd(child, 'the Muster server');
  let output = '';
  const addresses = new Promise<{ url: string; grpcAddress: string }>((resolve) => {
    const read = (text: string) => {
      output = (output + text).slice(-keptOutput);
      const match = /Muster is ready\. Playground: (http:\S+?\/graphql)/.exec(output);
      const grpc = /gRPC answers at (\S+?);/.exec(output);
      if (match?.[1] && grpc?.[1]) resolve({ url: match[1], grpcAddress: grpc[1] });
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
  });
  try {
    const ready = await Promise.race([addresses, end, late()]);
    return { pid: requirePid(child), ...ready, stop: () => stopProcess(child) };
  } catch (error) {
    await stopProcess(child);
    throw new BenchError(`${error instanceof Error ? error.message : error}; it said:\n${output}`);
  }
}

function late(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new BenchError('the Muster server was not ready in time')), startWithinMs).unref();
  });
}

/** Removes settings for other servers from the shell's environment: a bench measures the defaults. */
function withoutSettings({ DATABASE_URL: _, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('MUSTER_')));
}
