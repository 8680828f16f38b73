import type { LogFiles } from './logFiles.ts';
import { isRunning } from './observeProcess.ts';
import { membersOf, usageOf } from './processGroup.ts';
import type { ProcessRecord, ProcessRecords, ProcessRun } from './processRecord.ts';
import { type ProcStat, readAllStats } from './procStat.ts';

/** The parts of the driver that its watch uses. */
export interface WatchOptions {
  readonly records: ProcessRecords;
  readonly logs: LogFiles;
  readonly owner: string;
  /** Kills a process, and notes why. */
  readonly kill: (id: string, reason: string) => Promise<void>;
  /** Called when one that ran before no longer does, or the other way round. */
  readonly onChange: () => void;
}

/**
 * Makes the function that looks at all processes of an owner: for those that ended, this agent's children or not, for the
 * sizes of their logs, and for their limits. Without root nobody else holds a limit, so one that takes more is killed,
 * as the kernel would do.
 */
export function createWatch({ records, logs, owner, kill, onChange }: WatchOptions): () => Promise<void> {
  let runningBefore = new Set<string>();

  async function look(
    id: string,
    record: ProcessRecord,
    run: ProcessRun,
    stats: readonly ProcStat[],
  ): Promise<boolean> {
    if (!(await isRunning(record, run))) return false;
    await logs.rotate(records.logFile(id));
    const excess = excessOf(record, await usageOf(await membersOf(run, record, stats)));
    if (excess !== undefined) await kill(id, excess);
    return excess === undefined;
  }

  return async () => {
    const running = new Set<string>();
    const stats = readAllStats();
    for (const id of await records.ids()) {
      const [record, run] = [await records.read(id), await records.readRun(id)];
      if (record?.spec.identity.owner !== owner || run === undefined) continue;
      if (await look(id, record, run, stats)) running.add(id);
    }
    const hasChanged = running.size !== runningBefore.size || [...running].some((id) => !runningBefore.has(id));
    runningBefore = running;
    if (hasChanged) onChange();
  };
}

/** Which limit a process is past, in words. */
function excessOf({ spec }: ProcessRecord, usage: { memoryMib: number; pids: number }): string | undefined {
  const { memoryMib, pids } = spec.limits;
  if (usage.memoryMib > memoryMib) return `killed: it took ${usage.memoryMib} MiB of memory, and may take ${memoryMib}`;
  if (usage.pids > pids) return `killed: it had ${usage.pids} processes and threads, and may have ${pids}`;
  return undefined;
}
