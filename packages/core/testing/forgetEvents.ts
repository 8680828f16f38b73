import type { Sql } from '@muster/db';

/** Empties the event log: history begins anew. */
export async function forgetEvents(sql: Sql): Promise<void> {
  await sql.query(
    `WITH gone AS (DELETE FROM events RETURNING seq)
     UPDATE event_log SET trimmed_through = greatest(trimmed_through, (SELECT max(seq) FROM gone))`,
  );
}
