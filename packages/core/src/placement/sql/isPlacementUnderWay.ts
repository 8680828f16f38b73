import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'is_placement_under_way',
  text: `
SELECT EXISTS (SELECT FROM rollouts WHERE ended_at IS NULL)
  OR EXISTS (SELECT FROM supervisors WHERE drain_state IN ('QUEUED', 'DRAINING'))
  OR EXISTS (SELECT FROM plugins WHERE replaces_id IS NOT NULL AND wanted) AS "isUnderWay"`,
};

/** Whether any rollout, drain or relocation has not ended yet. */
export async function isPlacementUnderWay(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ isUnderWay: boolean }>(statement);
  return row?.isUnderWay ?? false;
}
