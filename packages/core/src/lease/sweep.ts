import type { Core } from '../core.ts';
import { startRepeating } from '../repeat.ts';
import { expireLeases } from '../sql/expireLeases.ts';
import { passDeadlines } from '../sql/passDeadlines.ts';

/** Looks once for leases that have run out and deadlines that have passed; says how many changed. */
export async function sweep(core: Core): Promise<{ disconnected: number; overdue: number }> {
  const disconnected = await expireLeases(core.db.sql, core.clockOffsetMs());
  const overdue = await passDeadlines(core.db.sql, core.clockOffsetMs());
  return { disconnected: disconnected.length, overdue: overdue.length };
}

/** Sweeps on a timer until the returned function has been awaited. */
export function startSweeps(core: Core): () => Promise<void> {
  return startRepeating(
    core.settings.sweepIntervalMs,
    () => sweep(core),
    (error) => core.onWarning('a sweep failed; the next one will try again', error),
  );
}
