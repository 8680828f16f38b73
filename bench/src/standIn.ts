import { fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { pidOf, stopProcess, untimelyEnd } from './childProcess.ts';

/** A server that Muster is compared with, in a process of its own. */
export interface StandIn {
  readonly pid: number;
  /** Where requests go. */
  readonly url: string;
  stop(): Promise<void>;
}

/** These make more of their checks, and tell of it, where they aren't told that they are in production. */
const production = { NODE_ENV: 'production', GRAPHILE_ENV: 'production' };

/** Starts the program of a server that Muster is compared with; it sends its port once it listens. */
export async function startStandIn(program: string, databaseUrl: string, signal: AbortSignal): Promise<StandIn> {
  const env = { ...process.env, ...production };
  const child = fork(program, [databaseUrl], { signal, env });
  const [port] = await Promise.race([once(child, 'message'), untimelyEnd(child, basename(program))]);
  return { pid: pidOf(child), url: `http://127.0.0.1:${port}/graphql`, stop: () => stopProcess(child) };
}
