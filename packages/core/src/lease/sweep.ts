import type { Core } from '../core.ts';
import { expireLeases } from '../sql/expireLeases.ts';
import { passDeadlines } from '../sql/passDeadlines.ts';

/** Looks once for leases that have run out and deadlines that have passed; says how many changed. */
export async function sweep(core: Core): Promise<{ disconnected: number; overdue: number }> {
  const disconnected = await expireLeases(core.db.sql, core.clockOffsetMs());
  const overdue = await passDeadlines(core.db.sql, core.clockOffsetMs());
  return { disconnected: disconnected.length, overdue: overdue.length };
}

/** Sweeps on a timer, one sweep at a time, until the returned function has been awaited. */
export function startSweeps(core: Core): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = sweep(core)
      .then(
        () => {},
        (error: unknown) => core.onWarning('a sweep failed; the next one will try again', error),
      )
      .finally(() => {
        busy = false;
      });
  }, core.settings.sweepIntervalMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
