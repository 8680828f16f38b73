import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'attribute_changes',
  text: `SELECT set_config('muster.actor', $1::text, true), set_config('muster.reason', $2::text, true)`,
};

/** E1: says who makes the changes of rollouts in this transaction, and why; otherwise the control plane itself does. */
export async function attributeChanges(sql: Sql, actor: string, reason: string): Promise<void> {
  await sql.query(statement, [actor, reason]);
}
