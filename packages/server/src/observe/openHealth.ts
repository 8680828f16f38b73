import { type Core, probeWrite } from '@muster/core';
import { type Database, type LaneLoad, Work } from '@muster/db';
import type { Config } from '../config/config.ts';
import { createHealth, type Health } from './health.ts';
import type { RepeatLog } from './repeatLog.ts';

/** How long the question whether the database takes writes may take (O7), in milliseconds. */
const writeProbeMs = 2_000;

/** The parts of a server that its health is read from. */
export interface HealthParts {
  readonly db: Database;
  readonly core: Core;
  readonly config: Pick<Config, 'MUSTER_SWEEP_INTERVAL_MS'>;
  /** When the last sweep ended, by `performance.now`. */
  readonly lastSweep: { readonly atMs: number };
  readonly repeatLog: RepeatLog;
}

/** Opens the health of a server. The database is asked in a separate lane, so that no work delays the question. */
export function openHealth({ db, core, config, lastSweep, repeatLog }: HealthParts): Health {
  return createHealth({
    tryWrite: () => {
      const work = Work.start({ lane: 'probes', tenant: '', credential: '', weight: 1, timeoutMs: writeProbeMs });
      return db.runAs(work, async () => ({
        headSeq: await probeWrite(core),
        migration: (await db.appliedMigrations()).at(-1) ?? null,
      }));
    },
    isListening: () => db.isListening(),
    position: () => core.hub.position,
    lastSweepAtMs: () => lastSweep.atMs,
    sweepIntervalMs: config.MUSTER_SWEEP_INTERVAL_MS,
    stalledMs: () => Math.max(...writingLoads(db).map(({ stalledMs }) => stalledMs)),
    now: () => performance.now(),
    repeatLog,
  });
}

/** The loads of the lanes in which clients write. */
function writingLoads(db: Database): LaneLoad[] {
  return db.loads().filter(({ lane }) => lane === 'reports' || lane === 'changes');
}
