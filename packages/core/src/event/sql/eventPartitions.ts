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
 * Drops the oldest partition, if all its events are from before `retentionMs` ago. Waits for nobody.
 *
 * @returns whether it did; null where it would, and somebody reads or writes events at the moment
 */
export async function dropOldestPartition(
  sql: Sql,
  retentionMs: number,
  clockOffsetMs: number,
): Promise<boolean | null> {
  const [row] = await sql.query<{ dropped: boolean | null }>(
    `SELECT drop_oldest_event_partition(${ago('$1', '$2')}) AS dropped`,
    [retentionMs, clockOffsetMs],
  );
  return row?.dropped ?? null;
}
