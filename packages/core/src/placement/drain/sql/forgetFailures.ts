import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'forget_failures',
  text: `
UPDATE plugins SET failed_supervisor_ids = '{}'
WHERE supervisor_id = $1::text AND cardinality(failed_supervisor_ids) > 0`,
};

/** Forgets on which supervisors the plugins of this one could not come up: a new drain tries all of them (D3). */
export async function forgetFailures(sql: Sql, supervisorId: string): Promise<void> {
  await sql.query(statement, [supervisorId]);
}
