import type { Sql } from '@muster/db';

const statement = {
  name: 'read-clock',
  text: `SELECT clock_timestamp() + make_interval(secs => $1::float8 / 1000) AS now`,
};

/** Reads the database's time, which all replicas share, plus an offset in milliseconds. */
export async function readClock(sql: Sql, offsetMs: number): Promise<Date> {
  const [row] = await sql.query<{ now: Date }>(statement, [offsetMs]);
  if (!row) throw new Error('the database told no time');
  return row.now;
}
