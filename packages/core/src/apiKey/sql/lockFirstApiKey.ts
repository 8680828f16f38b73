import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'lock_first_api_key',
  text: `SELECT pg_advisory_xact_lock(hashtextextended('first api key', 0))`,
};

/** A10: of servers that start at once, one after the other looks for a key; the lock is held until the transaction's end. */
export async function lockFirstApiKey(sql: Sql): Promise<void> {
  await sql.query(statement);
}
