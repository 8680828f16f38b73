import { setTimeout as delay } from 'node:timers/promises';
import { type SpawnedServer, spawnServer } from '../process.ts';

/** One server process of several over a database. */
export interface Replica {
  /** Undefined while it is down. */
  readonly url: string | undefined;
  /** All that it has logged, in each of its lives. */
  output(): string;
  /** SIGKILL, and another process in its place after a pause. */
  replace(pauseMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a replica; `onProblem` is called if it ends by itself. */
export async function startReplica(
  env: Record<string, string>,
  onProblem: (problem: string) => void,
): Promise<Replica> {
  let earlier = '';
  let server: SpawnedServer | undefined = follow(await spawnServer(env));

  function follow(spawned: SpawnedServer): SpawnedServer {
    void spawned.ended.then(({ code, signal, errors, output }) => {
      if (server === spawned)
        onProblem(`a replica ended by itself: ${code ?? signal} ${errors}${output.slice(-2_000)}`);
    });
    return spawned;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = server;
    server = undefined;
    ending?.kill(signal);
    earlier += (await ending?.ended)?.output ?? '';
  }

  return {
    get url() {
      return server?.url;
    },
    output: () => earlier + (server?.output() ?? ''),
    replace: async (pauseMs) => {
      await end('SIGKILL');
      await delay(pauseMs);
      server = follow(await spawnServer(env));
    },
    stop: () => end('SIGTERM'),
  };
}
