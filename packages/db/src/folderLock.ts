import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSetupError } from './setupError.ts';

/** Who holds a folder. The start time tells a process from a later one with the same number. */
interface Holder {
  pid: number;
  startedAt: string;
}

/**
 * Takes `folder` (made if missing) for this process, so that two processes never write one PGlite cluster.
 * A lock left by a process that has ended, however it ended, is taken over. Returns how to let go.
 *
 * @throws DatabaseSetupError when a living process holds it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'muster.lock');
  const own = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  await writeFile(own, JSON.stringify({ pid: process.pid, startedAt: await startTime(process.pid) } satisfies Holder));
  try {
    // A link appears with its content, or not at all: nobody reads a half-written lock.
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

/** The lock's text; undefined if it has gone meanwhile. */
async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A machine that lost power can leave a lock without its content; nobody holds that one. */
function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, startedAt } = JSON.parse(text);
    return Number.isInteger(pid) && pid > 0 && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

async function isHeld(holder: Holder): Promise<boolean> {
  // A restarted container gets the number that its forerunner had.
  if (holder.pid === process.pid) return holder.startedAt === (await startTime(process.pid));
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return holder.startedAt === (await startTime(holder.pid));
}

/**
 * Removes a stale lock if it is still there. Takers take turns by a second lock: without turns, one that is slow would
 * remove the lock of one that was quicker. Who can't take its turn yet looks again a little later.
 */
async function removeStale(path: string, staleText: string, own: string): Promise<void> {
  const turn = `${path}.takeover`;
  if (!(await tryLink(own, turn))) {
    const text = await readLock(turn);
    const taker = text === undefined ? undefined : parseHolder(text);
    // A taker that ended within its turn, a few system calls long, holds nobody up either.
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

/** A process's start in kernel ticks, where the system tells it (Linux); elsewhere the number alone must do. */
async function startTime(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses that may itself hold blanks; the 22nd is the start.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
