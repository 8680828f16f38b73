import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { BenchError } from '../benchError.ts';
import { requirePid, stopProcess, untimelyEnd } from '../childProcess.ts';
import { settledMemoryFlags } from '../settledMemory.ts';
import type { FanoutServer } from './server.ts';

/** In the usual recipe every subscriber is a listener, and Node warns about thousands of listeners. */
const execArgv = [...settledMemoryFlags, '--disable-warning=MaxListenersExceededWarning'];

/** Starts a server that Muster is compared with, in its own process; its program sends the port once it listens. */
export async function startStandIn(
  file: string,
  args: readonly string[],
  eventsABatch: number,
  signal: AbortSignal,
): Promise<FanoutServer> {
  const child = fork(join(import.meta.dirname, file), args, { signal, execArgv });
  const [port] = await Promise.race([once(child, 'message'), untimelyEnd(child, file)]);
  const host = `127.0.0.1:${port}`;
  return {
    pid: requirePid(child),
    url: `ws://${host}/graphql`,
    trigger: async () => {
      const response = await fetch(`http://${host}/trigger?events=${eventsABatch}`, { method: 'POST', signal });
      if (!response.ok) throw new BenchError(`${file} answered ${response.status} when asked for events`);
      await response.arrayBuffer();
    },
    stop: () => stopProcess(child),
  };
}
