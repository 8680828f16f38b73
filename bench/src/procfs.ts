import { readFile } from 'node:fs/promises';
import { BenchError } from './benchError.ts';

/** The kernel counts CPU time in these for /proc, whatever its own clock does. */
const ticksPerSecond = 100;

/** The CPU time, user and system, of all threads of a process since it began. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await read(`/proc/${pid}/stat`);
  // The second field is the command in parentheses, and may hold anything; the 14th and 15th are what is wanted.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  if (Number.isNaN(seconds)) throw new BenchError(`expected CPU times in /proc/${pid}/stat; got ${stat}`);
  return seconds;
}

/** The memory of a process that is really there (RSS). */
export async function residentBytes(pid: number): Promise<number> {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(await read(`/proc/${pid}/status`));
  if (!match) throw new BenchError(`expected VmRSS in /proc/${pid}/status`);
  return Number(match[1]) * 1024;
}

/** How many files, and so sockets, this process and its children may have open. */
export async function openFilesLimit(): Promise<number> {
  const match = /^Max open files\s+(\d+|unlimited)/m.exec(await read('/proc/self/limits'));
  if (!match) throw new BenchError('expected "Max open files" in /proc/self/limits');
  return match[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(match[1]);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new BenchError(`expected Linux, and a process that lives: ${error instanceof Error ? error.message : error}`);
  }
}
