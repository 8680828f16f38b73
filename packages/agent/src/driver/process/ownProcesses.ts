import { DriverError } from '../driverError.ts';
import type { Observed } from '../observed.ts';
import { observeProcess } from './observeProcess.ts';
import { endGroup } from './processGroup.ts';
import type { ProcessRecord, ProcessRecords } from './processRecord.ts';

/** A shell's exit code for SIGKILL. */
const killedCode = 137;

/** The processes of one owner; those of others aren't there. */
export interface OwnProcesses {
  read(id: string): Promise<ProcessRecord | undefined>;
  /** @throws DriverError ABSENT */
  require(id: string): Promise<ProcessRecord>;
  list(): Promise<Observed[]>;
  /**
   * Ends what a run has left, whether its first process lives or not.
   *
   * @param reason noted where it had to be killed
   */
  end(id: string, record: ProcessRecord, graceMs: number, reason: string | null): Promise<void>;
}

/** @param onEnd called when a run was ended */
export function createOwnProcesses(records: ProcessRecords, owner: string, onEnd: () => void): OwnProcesses {
  const read = async (id: string) => {
    const record = await records.read(id);
    return record?.spec.identity.owner === owner ? record : undefined;
  };
  return {
    read,
    require: async (id) => {
      const record = await read(id);
      if (record === undefined) throw new DriverError('ABSENT', `there is no process ${id}`);
      return record;
    },
    list: async () => {
      const found = (await records.ids()).map(async (id) => {
        const record = await read(id);
        return record && observeProcess(id, record, await records.readRun(id));
      });
      return (await Promise.all(found)).filter((each) => each !== undefined);
    },
    end: async (id, record, graceMs, reason) => {
      const run = await records.readRun(id);
      if (run === undefined) return;
      const wasKilled = await endGroup(run, record, graceMs);
      if (wasKilled && (await records.readRun(id))?.exitCode === null) await records.noteEnd(id, killedCode, reason);
      onEnd();
    },
  };
}
