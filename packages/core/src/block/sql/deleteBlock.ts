import type { Sql, Statement } from '@muster/db';
import { hostnameKeySql } from '../../base/hostname.ts';
import type { JsonRow } from '../../base/rows.ts';

/** A deleted row can't name the actor for its event: record_block_event() in prisma/migrations takes it from a setting. */
const statement: Statement = {
  name: 'delete_block',
  text: `
WITH attribution AS MATERIALIZED (SELECT set_config('muster.actor', $3::text, true) AS actor)
DELETE FROM blocked_hostnames b USING attribution
WHERE b.domain_id = $1::text AND b.hostname_key = ${hostnameKeySql('$2::text')} AND attribution.actor IS NOT NULL
RETURNING to_jsonb(b) AS row`,
};

/** Unblocks a hostname; returns the block that ended, undefined where there was none. */
export async function deleteBlock(
  sql: Sql,
  { domainId, hostname, actor }: { domainId: string; hostname: string; actor: string },
): Promise<JsonRow | undefined> {
  const [block] = await sql.query<{ row: JsonRow }>(statement, [domainId, hostname, actor]);
  return block?.row;
}
