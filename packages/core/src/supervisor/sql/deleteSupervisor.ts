import type { Sql, Statement } from '@muster/db';
import type { Scope } from '../../access/policy.ts';

/** The settings in which a deletion names its actor and reason: see record_event() in prisma/migrations. */
const statement: Statement = {
  name: 'delete_supervisor',
  text: `
WITH told AS MATERIALIZED (
  SELECT set_config('muster.actor', $3::text, true) AS actor, set_config('muster.reason', $4::text, true) AS reason
)
DELETE FROM supervisors s USING told
WHERE s.id = $1::text AND ($5::text IS NULL OR s.domain_id = $5::text) AND told.actor IS NOT NULL AND told.reason IS NOT NULL
  AND ($2::boolean OR NOT EXISTS (SELECT FROM plugins p WHERE p.supervisor_id = s.id AND p.managed))
RETURNING s.id`,
};

/** Deletes a supervisor with all that is on it; false when it isn't there, or has managed plugins and `force` is false. */
export async function deleteSupervisor(
  sql: Sql,
  id: string,
  options: { scope: Scope; force: boolean; actor: string; reason: string },
): Promise<boolean> {
  const rows = await sql.query(statement, [id, options.force, options.actor, options.reason, options.scope.domainId]);
  return rows.length > 0;
}
