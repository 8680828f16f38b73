import type { Rollout, Sql, Statement } from '@muster/db';
import { fieldsFromRow, type JsonRow } from '../../../base/rows.ts';

const statement: Statement = {
  name: 'lock_rollout',
  text: `SELECT to_jsonb(r) AS row FROM rollouts r WHERE r.id = $1::text AND r.ended_at IS NULL FOR UPDATE SKIP LOCKED`,
};

/**
 * Locks a rollout until the transaction ends; undefined where the rollout has ended, or another transaction holds it.
 */
export async function lockRollout(sql: Sql, id: string): Promise<Rollout | undefined> {
  const [found] = await sql.query<{ row: JsonRow }>(statement, [id]);
  return found && rolloutFromRow(found.row);
}

/** A rollout in the shape of its Prisma model. */
function rolloutFromRow(row: JsonRow): Rollout {
  return fieldsFromRow(row) as Rollout;
}
