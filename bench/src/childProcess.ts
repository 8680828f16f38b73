import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { BenchError } from './benchError.ts';

const killAfterMs = 15_000;

/** Rejects once a process has ended or can't be started; never resolves. What a wait for a process is raced against. */
export function untimelyEnd(child: ChildProcess, name: string): Promise<never> {
  const end = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new BenchError(`${name} ended (${signal ?? code})`)));
  });
  // Nobody may be waiting by then: a process that is stopped ends too.
  end.catch(() => {});
  return end;
}

export function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new BenchError('the process could not be started');
  return child.pid;
}

/** Asks a process to end, makes it end if it doesn't, and waits until it has. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const cutOff = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  await exit;
  clearTimeout(cutOff);
}
