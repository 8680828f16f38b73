import { startRepeating } from '../base/repeat.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { trimEvents } from './sql/trimEvents.ts';

/** How often old history is looked for. */
const intervalMs = 60_000;
/** Events that one statement deletes: few enough to hold nobody up. */
const batchSize = 1_000;
/** Batches that one round deletes at the most, so that a long backlog doesn't keep a sweep from its other work. */
const maxBatches = 20;

/** E3: deletes history that is older than the retention, in small batches; says how many events went. */
export async function trimHistory(core: Core): Promise<number> {
  const internals = internalsOf(core);
  const retentionMs = core.settings.eventRetentionDays * 86_400_000;
  let trimmed = 0;
  for (let batch = 0; batch < maxBatches; batch++) {
    const count = await trimEvents(internals.db.sql, retentionMs, internals.clockOffsetMs(), batchSize);
    trimmed += count;
    if (count < batchSize) break;
  }
  return trimmed;
}

/** Trims on a timer until the returned function has been awaited. */
export function startTrimming(core: CoreInternals): () => Promise<void> {
  return startRepeating(
    intervalMs,
    () => trimHistory(core),
    (error) => core.onWarning('old events could not be trimmed; the next round will try again', error),
  );
}
