import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { BenchError } from './benchError.ts';

const killAfterMs = 15_000;

/** Rejects once a process ends or can't be started, and never resolves: for a race with a wait for that process. */
export function untimelyEnd(child: ChildProcess, name: string): Promise<never> {
  const end = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new BenchError(`${name} ended (${signal ?? code})`)));
  });
  // A process that is stopped ends too, when nothing awaits this any more.
  end.catch(() => {});
  return end;
}

/** The number of a process; throws if it could not be started. */
export function requirePid(child: ChildProcess): number {
  if (child.pid === undefined) throw new BenchError('the process could not be started');
  return child.pid;
}

/** Stops a process, by force after 15 s, and waits until it has ended. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const cutOff = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  await exit;
  clearTimeout(cutOff);
}
