import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'lock_placement',
  text: `SELECT pg_advisory_xact_lock(hashtextextended('placement ' || $1::text || ' ' || $2::text, 0))`,
};

/** Makes other transactions that place this plugin of this domain wait until the present one ends. */
export async function lockPlacement(sql: Sql, domainId: string, pluginId: string): Promise<void> {
  await sql.query(statement, [domainId, pluginId]);
}
