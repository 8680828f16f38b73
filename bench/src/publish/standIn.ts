import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pidOf, stopProcess, untimelyEnd } from '../childProcess.ts';
import type { PublishServer } from './ways.ts';

/** These make more of their checks, and tell of it, where they aren't told that they are in production. */
const production = { NODE_ENV: 'production', GRAPHILE_ENV: 'production' };

/** Starts one of the servers that Muster is compared with; it sends its port once it listens. */
export async function startStandIn(file: string, databaseUrl: string, signal: AbortSignal): Promise<PublishServer> {
  const env = { ...process.env, ...production };
  const child = fork(join(import.meta.dirname, 'servers', file), [databaseUrl], { signal, env });
  const [port] = await Promise.race([once(child, 'message'), untimelyEnd(child, file)]);
  return { pid: pidOf(child), url: `http://127.0.0.1:${port}/graphql`, stop: () => stopProcess(child) };
}
