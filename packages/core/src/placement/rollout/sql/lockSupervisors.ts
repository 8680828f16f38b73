import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'lock_rollout_supervisors',
  text: `
SELECT s.id FROM rollout_steps t
JOIN supervisors s ON s.id = t.supervisor_id
WHERE t.rollout_id = $1::text
ORDER BY s.id
FOR SHARE OF s`,
};

/** Keeps the supervisors of a rollout as they are until the transaction ends: its plans are made for them. */
export async function lockSupervisors(sql: Sql, rolloutId: string): Promise<void> {
  await sql.query(statement, [rolloutId]);
}
