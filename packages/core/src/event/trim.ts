import { setTimeout as delay } from 'node:timers/promises';
import { startRepeating } from '../base/repeat.ts';
import type { CoreInternals } from '../core.ts';
import { dropOldestPartition, preparePartitions } from './sql/eventPartitions.ts';

/** How often partitions are made ahead, and old ones dropped. */
const intervalMs = 60_000;
/** The part of the retention that one partition is for at most: history is kept by so much longer. */
const partitionsInRetention = 8;
/** How often a round tries to drop a partition that others read, and the pause in between. */
const tries = 20;
const pauseMs = 50;

/**
 * E3: makes partitions of the event log ahead, and drops those with nothing but events older than the retention; returns how
 * many. One that is in use all the time stays until a later round.
 */
export async function trimHistory(core: CoreInternals): Promise<number> {
  const retentionMs = core.settings.eventRetentionDays * 86_400_000;
  await preparePartitions(core.db.sql, retentionMs / partitionsInRetention, core.clockOffsetMs());
  let dropped = 0;
  while (await dropUnused(core, retentionMs)) dropped += 1;
  return dropped;
}

/** Waits between its tries and not in the database, where those who read events would wait behind it. */
async function dropUnused(core: CoreInternals, retentionMs: number): Promise<boolean> {
  for (let left = tries; left > 0; left--) {
    const dropped = await dropOldestPartition(core.db.sql, retentionMs, core.clockOffsetMs());
    if (dropped !== null) return dropped;
    await delay(pauseMs * (0.5 + core.random()));
  }
  return false;
}

/** Trims on a timer until the returned function has been awaited. */
export function startTrimming(core: CoreInternals): () => Promise<void> {
  return startRepeating(
    intervalMs,
    () => trimHistory(core),
    (error) => core.onWarning('old events could not be trimmed; the next round will try again', error),
  );
}
