import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'keep_replacement',
  text: `
UPDATE plugins n SET replaces_id = NULL
FROM plugins o
WHERE n.id = $1::text AND n.domain_id = $2::text AND n.replaces_id = o.id AND o.wanted
RETURNING n.id`,
};

/**
 * Detaches a replacement from the plugin that it is to replace, so that it survives an aborted relocation; returns
 * whether it was one.
 */
export async function keepReplacement(sql: Sql, id: string, domainId: string): Promise<boolean> {
  return (await sql.query(statement, [id, domainId])).length > 0;
}
