import type { Sql } from '@muster/db';

/** O5: has an epoch begin after one whose events turned out to be lost, unless another replica has done so. */
export async function renewEventLog(sql: Sql, lostEpoch: string): Promise<void> {
  await sql.query('SELECT renew_event_log($1::text)', [lostEpoch]);
}
