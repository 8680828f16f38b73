import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { createChangeSignal } from '../changeSignal.ts';
import type { Driver, DriverOwner } from '../driver.ts';
import { DriverError } from '../driverError.ts';
import { withDriverErrors } from '../driverFailures.ts';
import { isSameIdentity } from '../identity.ts';
import type { RunSpec } from '../runSpec.ts';
import { createTurns } from '../turns.ts';
import { createLogFiles } from './logFiles.ts';
import { isRunning } from './observeProcess.ts';
import { createOwnProcesses } from './ownProcesses.ts';
import { openRecords } from './processRecord.ts';
import { startProcess, userOf } from './startProcess.ts';
import { createWatch } from './watchProcesses.ts';

/** How processes are run. */
export interface ProcessDriverOptions extends DriverOwner {
  /** Where records and logs lie, of this agent alone. Records hold the environment, with its secrets: only the agent's user can read them. */
  readonly folder: string;
  /** All that may be run: absolute paths of programs. */
  readonly executables: readonly string[];
  /** Whether `close` stops all that run, each with its own grace. */
  readonly stopsWithAgent: boolean;
  /** Milliseconds between two looks at what runs: for ends, limits and the sizes of logs. Default 5,000. */
  readonly lookIntervalMs?: number;
}

/**
 * Runs plugins as processes of this host, each in a session and a process group for it alone. They go on when the
 * agent ends, and the next one finds them by their records (G7).
 *
 * @throws DriverError REFUSED on a system without Linux's `/proc`
 */
export async function openProcessDriver(options: ProcessDriverOptions): Promise<Driver> {
  const { owner, folder, executables, stopsWithAgent, lookIntervalMs = 5_000 } = options;
  await access('/proc/self/stat').catch(() => {
    throw new DriverError('REFUSED', 'the process driver needs /proc, as Linux has it');
  });
  const records = await openRecords(folder);
  const inTurn = createTurns();
  const changes = createChangeSignal();
  const logs = createLogFiles();

  const own = createOwnProcesses(records, owner, changes.notify);
  const stop = (id: string, graceMs: number, reason: string | null = null) =>
    inTurn(id, async () => {
      const record = await own.read(id);
      if (record) await own.end(id, record, graceMs, reason);
    });

  const watch = createWatch({
    records,
    logs,
    owner,
    kill: (id, reason) => stop(id, 0, reason),
    onChange: changes.notify,
  });
  const watching = repeat(watch, lookIntervalMs);

  return withDriverErrors({
    kind: 'process',
    restartsItself: false,
    runsBeside: true,
    list: own.list,
    create: (spec) =>
      inTurn(spec.name, async () => {
        requireAllowed(spec, executables);
        if (await records.add(spec.name, { spec, mark: randomUUID(), start: null })) return spec.name;
        const found = await records.read(spec.name);
        if (found && isSameIdentity(found.spec.identity, spec.identity)) return spec.name;
        throw new DriverError('NAME_TAKEN', `the name ${spec.name} belongs to another process`);
      }),
    start: (id) =>
      inTurn(id, async () => {
        const record = await own.require(id);
        const run = await records.readRun(id);
        if (run && (await isRunning(record, run))) return;
        requireAllowed(record.spec, executables);
        await own.end(id, record, 0, null);
        await startProcess(records, id, record, changes.notify);
        changes.notify();
      }),
    stop,
    remove: (id) =>
      inTurn(id, async () => {
        const record = await own.read(id);
        if (record === undefined) return;
        await own.end(id, record, 0, null);
        await records.remove(id);
      }),
    logs: async function* (id, logOptions) {
      const record = await own.require(id);
      yield* logs.read(records.logFile(id), logOptions, async () => {
        const run = await records.readRun(id);
        return run !== undefined && (await isRunning(record, run));
      });
    },
    events: changes.changes,
    close: async () => {
      await watching.stop();
      if (!stopsWithAgent) return;
      const running = (await own.list()).filter(({ status }) => status === 'RUNNING');
      await Promise.all(
        running.map(async ({ id }) => stop(id, ((await own.read(id))?.spec.stopTimeoutSeconds ?? 0) * 1_000)),
      );
    },
  });
}

/**
 * @throws DriverError REFUSED for a program that isn't on the list, a variable that has one load other code, or a user that
 * this agent can't be
 */
function requireAllowed(spec: RunSpec, executables: readonly string[]): void {
  const [executable] = spec.command ?? [];
  if (executable === undefined)
    throw new DriverError('REFUSED', 'expected a command; got none, and a process has no image');
  if (!executables.includes(executable)) {
    throw new DriverError('REFUSED', `expected one of process.executables in agent.yaml; got ${executable}`);
  }
  const loading = Object.keys(spec.environment).find((name) => name.startsWith('LD_'));
  if (loading !== undefined) {
    throw new DriverError('REFUSED', `expected no variable by which the system loads other code; got ${loading}`);
  }
  userOf(spec);
}

/** Does work again and again, with a pause after each time; a failure waits for the next time. */
function repeat(work: () => Promise<void>, pauseMs: number): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      timer.unref();
      stopping.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  const done = (async () => {
    while (!stopping.signal.aborted) {
      await work().catch(() => {});
      await pause();
    }
  })();
  return {
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}
