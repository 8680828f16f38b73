import { residentBytes } from './procfs.ts';
import { untilQuiet } from './quiet.ts';

/** What Node must be started with for a process whose settled memory is to be known. */
export const settledMemoryFlags = ['--expose-gc', '--import', import.meta.resolve('./collectGarbage.ts')];

/** The resident memory of a process that has done all it was asked for, and has no garbage. */
export async function settledMemory(pid: number, signal: AbortSignal): Promise<number> {
  await untilQuiet(pid, signal);
  process.kill(pid, 'SIGUSR2');
  await untilQuiet(pid, signal);
  return residentBytes(pid);
}
