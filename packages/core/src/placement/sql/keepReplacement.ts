import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'keep_replacement',
  text: `
UPDATE plugins n SET replaces_id = NULL
FROM plugins o
WHERE n.id = $1::text AND n.domain_id = $2::text AND n.replaces_id = o.id AND o.wanted
RETURNING n.id`,
};

/** Has a plugin take nobody's place any more, but stay for a reason of its own; whether it was to take one. */
export async function keepReplacement(sql: Sql, id: string, domainId: string): Promise<boolean> {
  return (await sql.query(statement, [id, domainId])).length > 0;
}
