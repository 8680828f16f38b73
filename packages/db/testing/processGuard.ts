import { type ChildProcess, type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hold, type ProcessGuard, testWorker } from './testWorker.ts';

/** The variable that marks a run's child processes, so that a later run finds those that outlived it. */
export const childMark = 'MUSTER_TEST_CHILD_OF';

/** Node keeps compiled code here, so that a program starts in half the time from the second start on. */
const compiledFolder = fileURLToPath(new URL('../node_modules/.cache/muster/compiled', import.meta.url));

/** The environment variables of each child process: the run's mark, and the folder for compiled code. */
export function childEnv(): Record<string, string> {
  return { [childMark]: process.env.MUSTER_TEST_RUN ?? '', NODE_COMPILE_CACHE: compiledFolder };
}

/** The worker's guard. */
export function processGuard(): ProcessGuard {
  const worker = testWorker();
  worker.guard ??= startGuard();
  return worker.guard;
}

function startGuard(): ProcessGuard {
  const guard = spawn(process.execPath, [fileURLToPath(new URL('guardProcess.ts', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: childEnv(),
  });
  guard.unref();
  const { stdin } = guard;
  // The pipe is what tells the guard of this process's end; by itself it keeps nobody from ending.
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return {
    watch: (pid, signal) => {
      stdin.write(`watch ${pid} ${signal}\n`);
      return () => void stdin.write(`forget ${pid}\n`);
    },
  };
}

/**
 * Starts a process that ends with this one, with its descendants. At the end of the file it must have ended.
 */
export function spawnGuarded(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { env: NodeJS.ProcessEnv; stdio: ['ignore', 'pipe', 'pipe' | 'inherit'] },
): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(command, args, { ...options, detached: true, env: { ...options.env, ...childEnv() } });
  if (child.pid !== undefined) guardChild(child, child.pid, `process ${child.pid}: ${[command, ...args].join(' ')}`);
  return child as ChildProcessByStdio<null, Readable, Readable>;
}

function guardChild(child: ChildProcess, pid: number, name: string): void {
  const forget = processGuard().watch(pid, 'SIGKILL');
  const ended = once(child, 'exit');
  const released = hold(name, async () => {
    child.kill('SIGKILL');
    await ended;
  });
  ended.then(() => {
    forget();
    released();
  });
}
