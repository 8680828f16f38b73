import type { Sql, Statement } from '@muster/db';

/** A history that was lost takes the place back. */
const statement: Statement = {
  name: 'set_deployment_progress',
  text: `
UPDATE deployment_progress p SET seq = $2::bigint
WHERE p.seq < $2::bigint OR (p.seq = $1::bigint AND p.seq > (SELECT max(seq) FROM events))`,
};

/** Records through which event the deployments have been reconciled. */
export async function setProgress(sql: Sql, { seq, headSeq }: { seq: number; headSeq: number }): Promise<void> {
  await sql.query(statement, [seq, headSeq]);
}
