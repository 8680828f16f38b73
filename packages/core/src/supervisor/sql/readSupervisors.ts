import type { Sql, Statement } from '@muster/db';
import type { SupervisorRow } from '../../base/rows.ts';

/** A deleted supervisor is read from the event of its deletion, while that is kept, and is heard of no longer. */
const statement: Statement = {
  name: 'read_supervisors',
  text: `
SELECT to_jsonb(s) - 'secret_hash' AS row FROM supervisors s WHERE s.id = ANY($1::text[])
UNION ALL
SELECT last.row || '{"connected": false}'
FROM unnest($1::text[]) AS asked(id)
CROSS JOIN LATERAL (
  SELECT e.row FROM events e
  WHERE e.supervisor_id = asked.id AND e.plugin_instance_id IS NULL AND e.kind = 'SUPERVISOR_DELETED'
  ORDER BY e.seq DESC LIMIT 1) last
WHERE NOT EXISTS (SELECT FROM supervisors s WHERE s.id = asked.id)`,
};

/** Supervisors by id, also deleted ones. */
export async function readSupervisors(sql: Sql, ids: readonly string[]): Promise<SupervisorRow[]> {
  const rows = await sql.query<{ row: SupervisorRow }>(statement, [ids]);
  return rows.map(({ row }) => row);
}
