import type { Sql, Statement } from '@muster/db';
import type { Scope } from '../../access/policy.ts';
import type { SupervisorRow } from '../../base/rows.ts';

/** S6: the next publish may fix a secret. A trigger writes the event, for operators. */
const statement: Statement = {
  name: 'reset_secret',
  text: `
UPDATE supervisors s SET secret_hash = NULL, secret_open = true, actor = $3::text WHERE s.id = $1::text
  AND ($2::text IS NULL OR s.domain_id = $2::text)
RETURNING to_jsonb(s) - 'secret_hash' AS row`,
};

/** Forgets a supervisor's secret; undefined where the scope has no such supervisor. */
export async function resetSecret(
  sql: Sql,
  scope: Scope,
  { id, actor }: { id: string; actor: string },
): Promise<SupervisorRow | undefined> {
  const [answer] = await sql.query<{ row: SupervisorRow }>(statement, [id, scope.domainId, actor]);
  return answer?.row;
}
