import { readdir, readFile } from 'node:fs/promises';
import { BenchError } from './benchError.ts';

/** The kernel counts CPU time in these for /proc, whatever its own clock does. */
const ticksPerSecond = 100;

/** The CPU time, user and system, of all threads of a process since it began. */
export async function cpuSeconds(pid: number): Promise<number> {
  return parseStat(await read(`/proc/${pid}/stat`)).ownSeconds;
}

export async function parentOf(pid: number): Promise<number> {
  return parseStat(await read(`/proc/${pid}/stat`)).parent;
}

/** The CPU time of a process and of all children that it has and had; those must have no children themselves. */
export async function familyCpuSeconds(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A process may end between the two looks; its time is its parent's then, which is therefore looked at last.
  const stats = await Promise.all(pids.map((each) => readFile(`/proc/${each}/stat`, 'utf8').catch(() => undefined)));
  const children = stats.filter((stat) => stat !== undefined).map(parseStat);
  const living = children.filter(({ parent }) => parent === pid).reduce((sum, { ownSeconds }) => sum + ownSeconds, 0);
  const { ownSeconds, endedChildrenSeconds } = parseStat(await read(`/proc/${pid}/stat`));
  return living + ownSeconds + endedChildrenSeconds;
}

export interface ProcessStat {
  readonly parent: number;
  /** CPU time, user and system, of all its threads. */
  readonly ownSeconds: number;
  /** That of the children that it had and has waited for. */
  readonly endedChildrenSeconds: number;
}

/** What a process's `stat` under /proc says. */
export function parseStat(stat: string): ProcessStat {
  // The second field is the command in parentheses, and may hold anything; counted from the third, the parent is at 1,
  // the times at 11 to 14.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((place) => Number(fields[place])) as [
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
