import type { Sql } from '@muster/db';

/** O5: has an epoch begin where this is another database than the events were written in, and mends the sequence. */
export async function openEventLog(sql: Sql): Promise<void> {
  await sql.query('SELECT open_event_log()');
}
