import { startRepeating } from '../base/repeat.ts';
import type { CoreInternals } from '../core.ts';
import { clearRefusals } from '../identity/sql/clearRefusals.ts';
import { advancePlacement } from '../placement/advance.ts';
import { attemptPolicyOf } from '../plugin/sql/nextAttempt.ts';
import { passDeadlines } from '../plugin/sql/passDeadlines.ts';
import { startAttempts } from '../plugin/sql/startAttempts.ts';
import { clearFlapping } from '../supervisor/sql/flapping.ts';
import { expireLeases } from './sql/expireLeases.ts';
import { extendOverDowntime } from './sql/extendOverDowntime.ts';
import { forgetSupervisors } from './sql/forgetSupervisors.ts';
import type { Swept } from './swept.ts';

/** Sweeps in a row that may be missing before the time without one, or without a sign of one, counts as downtime (L5). */
const missedSweeps = 3;

/**
 * L5: records that this replica sweeps, and excuses the time in which none did. It goes before each sweep, and on while
 * that lasts: no lease and no deadline may run out by a clock that went on while nobody could report. Returns the excused milliseconds.
 */
export function excuseDowntime(core: CoreInternals): Promise<number> {
  return extendOverDowntime(core.db.sql, {
    clockOffsetMs: core.clockOffsetMs(),
    longestPauseMs: missedSweeps * core.settings.sweepIntervalMs,
    deadlineMs: core.settings.provisioningDeadlineSeconds * 1000,
  });
}

/**
 * Expires leases, passes deadlines, starts attempts that are due, forgets who was away for long, and advances placement,
 * once.
 */
export async function sweep(core: CoreInternals): Promise<Swept> {
  const { settings } = core;
  const { sql } = core.db;
  const deadlineMs = settings.provisioningDeadlineSeconds * 1000;
  const expired = await expireLeases(sql, { clockOffsetMs: core.clockOffsetMs(), ...settings });
  const overdue = await passDeadlines(sql, core.clockOffsetMs(), attemptPolicyOf(settings));
  const retried = await startAttempts(sql, core.clockOffsetMs(), deadlineMs);
  await core.refusedIdentities.flush();
  await clearRefusals(sql, settings.identityQuietSeconds * 1000, core.clockOffsetMs());
  await clearFlapping(sql, core.clockOffsetMs());
  const forgotten = await forgetSupervisors(sql, {
    newcomersDays: settings.forgetNewcomersDays,
    registeredDays: settings.forgetDisconnectedDays,
    clockOffsetMs: core.clockOffsetMs(),
  });
  await advancePlacement(core);
  return { ...expired, overdue, retried, forgotten };
}

/** Sweeps on a timer until the returned function has been awaited. */
export function startSweeps(core: CoreInternals): () => Promise<void> {
  const { sweepIntervalMs } = core.settings;
  const onError = (error: unknown) => core.onWarning('a sweep failed; the next one will try again', error);
  async function sweepOnce(): Promise<void> {
    let excusedMs = await excuseDowntime(core);
    // L5: however long a sweep lasts, as over a large fleet or on a busy machine, the control plane is there meanwhile.
    const stopExcusing = startRepeating(
      sweepIntervalMs,
      async () => {
        excusedMs += await excuseDowntime(core);
      },
      onError,
    );
    const swept = await sweep(core).finally(stopExcusing);
    core.onSwept({ ...swept, excusedMs });
  }
  return startRepeating(sweepIntervalMs, sweepOnce, onError);
}
