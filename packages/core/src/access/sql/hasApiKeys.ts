import type { Sql, Statement } from '@muster/db';

const statement: Statement = { name: 'has_api_keys', text: 'SELECT EXISTS (SELECT FROM api_keys) AS "has"' };

/** Whether any API key was ever made: revoked ones count (A5). */
export async function hasApiKeys(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ has: boolean }>(statement);
  return row?.has === true;
}
