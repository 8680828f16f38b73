import type { Sql, Statement } from '@muster/db';

/** At most once a minute, so that a key in steady use is rarely written. */
const statement: Statement = {
  name: 'touch_api_keys',
  text: `
    UPDATE api_keys SET last_used_at = clock_timestamp()
    WHERE id = ANY($1::text[]) AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')`,
};

/** Records that these keys were used. */
export async function touchApiKeys(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.query(statement, [ids]);
}
