import type { Sql, Statement } from '@muster/db';
import type { Scope } from '../../access/policy.ts';
import { barsDeregistration } from './barsDeregistration.ts';

/**
 * A deleted row can't name the actor and the reason for its event; record_event() in prisma/migrations takes them from
 * settings.
 */
const statement: Statement = {
  name: 'delete_supervisor',
  text: `
WITH attribution AS MATERIALIZED (
  SELECT set_config('muster.actor', $3::text, true) AS actor, set_config('muster.reason', $4::text, true) AS reason
)
DELETE FROM supervisors s USING attribution
WHERE s.id = $1::text AND ($5::text IS NULL OR s.domain_id = $5::text) AND attribution.actor IS NOT NULL AND attribution.reason IS NOT NULL
  AND ($2::boolean OR NOT EXISTS (SELECT FROM plugins p WHERE p.supervisor_id = s.id AND ${barsDeregistration}))
RETURNING s.id`,
};

/** Deletes a supervisor and its plugins; false where it doesn't exist, or plugins bar it (S5) and `force` is false. */
export async function deleteSupervisor(
  sql: Sql,
  id: string,
  options: { scope: Scope; force: boolean; actor: string; reason: string },
): Promise<boolean> {
  const { scope, force, actor, reason } = options;
  const rows = await sql.query(statement, [id, force, actor, reason, scope.domainId]);
  return rows.length > 0;
}
