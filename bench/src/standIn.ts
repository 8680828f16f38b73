import { fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { BenchServer } from './benchServer.ts';
import { requirePid, stopProcess, untimelyEnd } from './childProcess.ts';

/** In other environments some of the servers check and log more. */
const production = { NODE_ENV: 'production', GRAPHILE_ENV: 'production' };

/** Starts a server that Muster is compared with, in its own process; its program sends the port once it listens. */
export async function startStandIn(program: string, databaseUrl: string, signal: AbortSignal): Promise<BenchServer> {
  const env = { ...process.env, ...production };
  const child = fork(program, [databaseUrl], { signal, env });
  const [port] = await Promise.race([once(child, 'message'), untimelyEnd(child, basename(program))]);
  return { pid: requirePid(child), url: `http://127.0.0.1:${port}/graphql`, stop: () => stopProcess(child) };
}
