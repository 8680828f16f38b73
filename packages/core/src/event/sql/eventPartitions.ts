import type { Sql } from '@muster/db';

/** Times as milliseconds before now, by a clock that is read ahead by `clockOffsetMs`. */
const ago = (ms: string, offset: string) => `now() + (${offset}::float8 - ${ms}::float8) * interval '1 millisecond'`;

/**
 * Makes partitions ahead. Where the present one has events from before `partitionMs` ago, later events go to the next one.
 */
export async function preparePartitions(sql: Sql, partitionMs: number, clockOffsetMs: number): Promise<void> {
  await sql.query(`SELECT prepare_event_partitions(${ago('$1', '$2')})`, [partitionMs, clockOffsetMs]);
}

/**
 * Drops the oldest partition, if all its events are from before `retentionMs` ago; returns whether it did. Fails at once
 * (`isLockNotAvailable`) where somebody reads or writes events.
 */
export async function dropOldestPartition(sql: Sql, retentionMs: number, clockOffsetMs: number): Promise<boolean> {
  const [row] = await sql.query<{ dropped: boolean }>(
    `SELECT drop_oldest_event_partition(${ago('$1', '$2')}) AS dropped`,
    [retentionMs, clockOffsetMs],
  );
  return row?.dropped ?? false;
}
