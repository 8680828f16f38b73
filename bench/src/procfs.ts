import { readdir, readFile } from 'node:fs/promises';
import { BenchError } from './benchError.ts';

/** The unit of CPU times in /proc. */
const ticksPerSecond = 100;

/** Reads the CPU time, user and system, of all threads of a process since its start. */
export async function cpuSeconds(pid: number): Promise<number> {
  return parseStat(await read(`/proc/${pid}/stat`)).ownSeconds;
}

/** Reads the number of a process's parent. */
export async function readParent(pid: number): Promise<number> {
  return parseStat(await read(`/proc/${pid}/stat`)).parent;
}

/** Reads the CPU time of a process and of all its children, living and ended; grandchildren don't count. */
export async function familyCpuSeconds(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A child that ends meanwhile adds its time to its parent's, which is therefore read last.
  const stats = await Promise.all(pids.map((each) => readFile(`/proc/${each}/stat`, 'utf8').catch(() => undefined)));
  const children = stats.filter((stat) => stat !== undefined).map(parseStat);
  const living = children.filter(({ parent }) => parent === pid).reduce((sum, { ownSeconds }) => sum + ownSeconds, 0);
  const { ownSeconds, endedChildrenSeconds } = parseStat(await read(`/proc/${pid}/stat`));
  return living + ownSeconds + endedChildrenSeconds;
}

/** The parts of a process's `stat` that the benches need. */
export interface ProcessStat {
  readonly parent: number;
  /** CPU time, user and system, of all threads. */
  readonly ownSeconds: number;
  /** CPU time of the ended children. */
  readonly endedChildrenSeconds: number;
}

/** Parses a process's `stat` of /proc. */
export function parseStat(stat: string): ProcessStat {
  // The second field is the command in parentheses, which may contain anything; counted from the third field, the
  // parent is at 1, the times are at 11 to 14.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((index) => Number(fields[index])) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const parsed = {
    parent,
    ownSeconds: (user + system) / ticksPerSecond,
    endedChildrenSeconds: (endedUser + endedSystem) / ticksPerSecond,
  };
  if (Object.values(parsed).some(Number.isNaN)) throw new BenchError(`expected a process's stat; got ${stat}`);
  return parsed;
}

/** Reads the resident memory of a process (RSS). */
export async function residentBytes(pid: number): Promise<number> {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(await read(`/proc/${pid}/status`));
  if (!match) throw new BenchError(`expected VmRSS in /proc/${pid}/status`);
  return Number(match[1]) * 1024;
}

/** Reads how many files, sockets included, this process and each child may have open. */
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
