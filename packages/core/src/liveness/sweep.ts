import { startRepeating } from '../base/repeat.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { advancePlacement } from '../placement/advance.ts';
import { passDeadlines } from '../plugin/sql/passDeadlines.ts';
import { startAttempts } from '../plugin/sql/startAttempts.ts';
import { excuseDowntime } from './sql/excuseDowntime.ts';
import { expireLeases } from './sql/expireLeases.ts';
import type { Swept } from './swept.ts';

/** Sweeps that may fail to come, one after another, before that counts as downtime (L5). */
const missedSweeps = 3;

/**
 * L5: says that the control plane is there. After a pause nothing may be judged by a clock that ran on while nobody
 * could report, so this goes before a sweep; returns the milliseconds that it excused.
 */
export function excusePause(core: Core): Promise<number> {
  const internals = internalsOf(core);
  return excuseDowntime(
    internals.db.sql,
    internals.clockOffsetMs(),
    missedSweeps * core.settings.sweepIntervalMs,
    core.settings.provisioningDeadlineSeconds * 1000,
  );
}

/** Looks once for leases that have run out, deadlines that have passed, attempts that are due, and what placement has under way. */
export async function sweep(core: Core): Promise<Swept> {
  const internals = internalsOf(core);
  const { settings } = core;
  const { sql } = internals.db;
  const deadlineMs = settings.provisioningDeadlineSeconds * 1000;
  const expired = await expireLeases(sql, { clockOffsetMs: internals.clockOffsetMs(), ...settings });
  const overdue = await passDeadlines(sql, internals.clockOffsetMs(), {
    restartBudget: settings.restartBudget,
    backoffMs: settings.attemptBackoffSeconds * 1000,
    longestBackoffMs: settings.attemptBackoffMaxSeconds * 1000,
  });
  const retried = await startAttempts(sql, internals.clockOffsetMs(), deadlineMs);
  await advancePlacement(core);
  return { ...expired, overdue, retried };
}

/** Sweeps on a timer until the returned function has been awaited. */
export function startSweeps(core: CoreInternals): () => Promise<void> {
  return startRepeating(
    core.settings.sweepIntervalMs,
    async () => {
      const excusedMs = await excusePause(core);
      core.onSwept({ ...(await sweep(core)), excusedMs });
    },
    (error) => core.onWarning('a sweep failed; the next one will try again', error),
  );
}
