import type { Sql } from '@muster/db';

/** O5: has an epoch begin, and none of the earlier places count any longer. */
export async function expireCursors(sql: Sql): Promise<void> {
  await sql.query('SELECT raise_event_epoch(false)');
}
