import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSetupError } from './setupError.ts';

/** The process that holds a folder. Its start time distinguishes it from a later process with the same number. */
interface Holder {
  pid: number;
  startedAt: string;
}

/**
 * Locks `folder` (created if missing) for this process, so that two processes never write the same PGlite cluster.
 * Takes over the lock of a process that has ended. Returns how to release the lock.
 *
 * @throws DatabaseSetupError if a living process holds the lock.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'muster.lock');
  const own = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  await writeFile(own, JSON.stringify({ pid: process.pid, startedAt: await startTime(process.pid) } satisfies Holder));
  try {
    // A hard link appears with its content or not at all: no process can read a half-written lock.
    while (!(await tryLink(own, path))) {
      const text = await readLock(path);
      if (text === undefined) continue;
      const holder = parseHolder(text);
      if (holder && (await isHeld(holder))) {
        throw new DatabaseSetupError(
          `MUSTER_DATA_DIR: the folder ${folder} is in use by process ${holder.pid}; stop that process, or choose another folder`,
        );
      }
      await removeStale(path, text, own);
    }
  } finally {
    await unlink(own);
  }
  return async () => {
    await unlink(path).catch(() => {});
  };
}

/** Reads the lock; undefined if it was removed meanwhile. */
async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Parses a lock; undefined if it is empty, as a power failure can leave it: no process holds such a lock. */
function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, startedAt } = JSON.parse(text);
    return Number.isInteger(pid) && pid > 0 && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

async function isHeld(holder: Holder): Promise<boolean> {
  // A restarted container may have the same process number as before.
  if (holder.pid === process.pid) return holder.startedAt === (await startTime(process.pid));
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return holder.startedAt === (await startTime(holder.pid));
}

/**
 * Removes a stale lock if it is still there, or waits a little while another process does. A second lock makes
 * processes take turns: otherwise a slow process could remove the new lock of a quicker one.
 */
async function removeStale(path: string, staleText: string, own: string): Promise<void> {
  const turn = `${path}.takeover`;
  if (!(await tryLink(own, turn))) {
    const text = await readLock(turn);
    const taker = text === undefined ? undefined : parseHolder(text);
    // A process that ended within its turn must not block the others.
    if (text !== undefined && !(taker && (await isHeld(taker)))) await unlink(turn).catch(() => {});
    else await delay(2);
    return;
  }
  try {
    if ((await readLock(path)) === staleText) await unlink(path);
  } finally {
    await unlink(turn).catch(() => {});
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A process's start in kernel ticks on Linux; '' elsewhere, where the process number alone must do. */
async function startTime(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses that may contain blanks; the 22nd field is the start.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
