import type { Sql, Statement } from '@muster/db';
import type { JsonRow } from '../../base/rows.ts';

const statement: Statement = {
  name: 'retire_release',
  text: `
UPDATE releases r SET retired_at = now(), retired_by = $2::text
WHERE r.id = $1::text AND r.retired_at IS NULL
RETURNING to_jsonb(r) AS row`,
};

/** Retires a release; undefined where it was retired before. */
export async function retireRelease(sql: Sql, id: string, actor: string): Promise<JsonRow | undefined> {
  const [retired] = await sql.query<{ row: JsonRow }>(statement, [id, actor]);
  return retired?.row;
}
