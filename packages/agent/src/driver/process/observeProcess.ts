import { constants } from 'node:os';
import type { Observed } from '../observed.ts';
import { isLeaderAlive, membersOf } from './processGroup.ts';
import type { ProcessRecord, ProcessRun } from './processRecord.ts';

/** A process as a list shows it. */
export async function observeProcess(
  id: string,
  record: ProcessRecord,
  run: ProcessRun | undefined,
): Promise<Observed> {
  const { start, spec } = record;
  const seen = {
    id,
    identity: spec.identity,
    startedAtMs: start?.atMs ?? null,
    exitCode: null,
    reason: null,
    ports: [],
  };
  if (start === null || run === undefined) return { ...seen, status: 'CREATED' };
  if (await isRunning(record, run)) {
    // The plugin listens on all addresses or on loopback; the agent is on the same host.
    const ports = start.ports.map((port) => ({ ...port, host: '127.0.0.1', advertisedHost: null }));
    return { ...seen, status: 'RUNNING', ports };
  }
  return { ...seen, status: 'ENDED', exitCode: run.exitCode, reason: run.reason ?? reasonOf(run.exitCode) };
}

/** Whether a run goes on. It does, too, where the leader was killed alone, and so noted no end. */
export async function isRunning(record: ProcessRecord, run: ProcessRun): Promise<boolean> {
  if (await isLeaderAlive(run)) return true;
  return run.exitCode === null && (await membersOf(run, record)).length > 0;
}

/** A shell's exit codes above 128 name a signal. */
function reasonOf(exitCode: number | null): string | null {
  if (exitCode === null) return 'nobody saw its end: it was killed with its wrapper, or the host restarted';
  const [signal] = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128) ?? [];
  return signal ?? null;
}
