import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../driverError.ts';
import type { ProcessRecord, ProcessRun } from './processRecord.ts';
import { hasVariable, type ProcStat, readAllStats, readResidentKib, readStat } from './procStat.ts';
import { markName } from './wrapper.ts';

/** How often a group that is ending is looked at. */
const lookMs = 20;
/** How long SIGKILL may take; one that waits for a dead disk takes for ever. */
const killMs = 10_000;

/**
 * Finds the live processes of a run: those of its group, as long as the group is the run's. A pid that the system has
 * given to another process meanwhile starts at another time, and its group is left alone; where the leader has gone, a
 * process shows by its environment that it is the run's.
 *
 * @param stats all processes of now
 */
export async function membersOf(
  run: ProcessRun,
  { mark }: ProcessRecord,
  stats: readonly ProcStat[] = readAllStats(),
): Promise<ProcStat[]> {
  if (!run.isOfThisBoot) return [];
  const { leader } = run;
  const isOfGroup = ({ isAlive, processGroup, session }: ProcStat) =>
    isAlive && processGroup === leader.pid && session === leader.pid;
  const members = stats.filter(isOfGroup);
  if (members.some((each) => isSame(each, leader))) return members;
  const isOurs = await Promise.all(members.map(({ pid }) => hasVariable(pid, markName, mark)));
  return members.filter((_, index) => isOurs[index]);
}

/** Whether the run's leader lives, which is cheaper to see than its group. */
export async function isLeaderAlive(run: ProcessRun): Promise<boolean> {
  if (!run.isOfThisBoot) return false;
  const found = await readStat(run.leader.pid);
  return found?.isAlive === true && isSame(found, run.leader);
}

function isSame(one: ProcStat, other: ProcStat): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks;
}

/**
 * Ends a run's group: SIGTERM, and SIGKILL for what lives after the grace, or after the leader. Resolves when none of it
 * lives.
 *
 * @returns whether any of it had to be killed
 * @throws DriverError ENGINE_UNAVAILABLE where the system doesn't kill it
 */
export async function endGroup(run: ProcessRun, record: ProcessRecord, graceMs: number): Promise<boolean> {
  const deadline = performance.now() + graceMs;
  const hasMembers = async () => (await membersOf(run, record)).length > 0;
  if (!(await hasMembers())) return false;
  // A leader that lives says when the plugin has ended; to look at it alone is cheaper.
  const goesOn = (await isLeaderAlive(run)) ? () => isLeaderAlive(run) : hasMembers;
  if (graceMs > 0) sendSignal(run.leader.pid, 'SIGTERM');
  while (performance.now() < deadline && (await goesOn())) await sleep(lookMs);
  let wasKilled = false;
  // More than once: one that was just being forked may miss the signal.
  while (await hasMembers()) {
    if (performance.now() > deadline + killMs) {
      throw new DriverError('ENGINE_UNAVAILABLE', `process ${run.leader.pid} doesn't end, though it was killed`);
    }
    wasKilled = true;
    sendSignal(run.leader.pid, 'SIGKILL');
    await sleep(lookMs);
  }
  return wasKilled;
}

function sendSignal(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The memory that processes hold together, in MiB, and their tasks. */
export async function usageOf(members: readonly ProcStat[]): Promise<{ memoryMib: number; pids: number }> {
  const kib = await Promise.all(members.map(({ pid }) => readResidentKib(pid)));
  return {
    memoryMib: Math.round(kib.reduce((sum, each) => sum + each, 0) / 1024),
    pids: members.reduce((sum, { threads }) => sum + threads, 0),
  };
}
