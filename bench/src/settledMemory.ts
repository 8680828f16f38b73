import { residentBytes } from './procfs.ts';
import { untilQuiet } from './quiet.ts';

/** Node's arguments for a process whose settled memory is measured. */
export const settledMemoryFlags = ['--expose-gc', '--import', import.meta.resolve('./collectGarbage.ts')];

/** Measures the resident memory of a process that is idle and has no garbage. */
export async function settledMemory(pid: number, signal: AbortSignal): Promise<number> {
  await untilQuiet(pid, signal);
  process.kill(pid, 'SIGUSR2');
  await untilQuiet(pid, signal);
  return residentBytes(pid);
}
