import { startRepeating } from '../base/repeat.ts';
import type { CoreInternals } from '../core.ts';
import { trimEvents } from './sql/trimEvents.ts';

/** How often old history is trimmed. */
const intervalMs = 60_000;
/** Events that one statement deletes: few enough to delay nobody. */
const batchSize = 1_000;
/** Batches that one round deletes at most, so that a long backlog doesn't keep the database busy. */
const maxBatches = 20;

/** E3: deletes history older than the retention, in small batches; returns the number of deleted events. */
export async function trimHistory(core: CoreInternals): Promise<number> {
  const retentionMs = core.settings.eventRetentionDays * 86_400_000;
  let trimmed = 0;
  for (let batch = 0; batch < maxBatches; batch++) {
    const count = await trimEvents(core.db.sql, retentionMs, core.clockOffsetMs(), batchSize);
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
