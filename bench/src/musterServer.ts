import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BenchError } from './benchError.ts';
import { pidOf, stopProcess, untimelyEnd } from './childProcess.ts';
import { settledMemoryFlags } from './settledMemory.ts';

const main = fileURLToPath(import.meta.resolve('../../packages/server/src/main.ts'));
const startWithinMs = 60_000;
/** How much of what the server last said is told when it doesn't start. */
const keptOutput = 4_000;

/** All that a bench asks comes from one viewer, who would be held back by the limits that keep viewers apart. */
const oneViewer = {
  MUSTER_REQUESTS_PER_SECOND: '1000000',
  MUSTER_MAX_CONNECTIONS_PER_CREDENTIAL: '1000000',
  MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL: '1000000',
};

export interface MusterServer {
  readonly pid: number;
  /** Where its API is: `http://127.0.0.1:40123/graphql`. */
  readonly url: string;
  /** Where it answers gRPC: `127.0.0.1:40124`. */
  readonly grpcAddress: string;
  stop(): Promise<void>;
}

/** Starts the real server, as users do, in a process of its own whose memory can be settled. */
export async function startMusterServer(databaseUrl: string, signal: AbortSignal): Promise<MusterServer> {
  const child = spawn(process.execPath, [...settledMemoryFlags, main], {
    env: {
      ...withoutSettings(process.env),
      ...oneViewer,
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      GRPC_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const end = untimelyEnd(child, 'the Muster server');
  let output = '';
  const places = new Promise<{ url: string; grpcAddress: string }>((resolve) => {
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
    const ready = await Promise.race([places, end, late()]);
    return { pid: pidOf(child), ...ready, stop: () => stopProcess(child) };
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

/** A bench measures the defaults, whatever is set for other servers in this shell. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('MUSTER_')));
}
