import type { Sql, Statement } from '@muster/db';
import { hostnameKey } from '../../base/hostname.ts';
import type { JsonRow } from '../../base/rows.ts';

/** A hostname to block. */
export interface NewBlock {
  readonly domainId: string;
  readonly hostname: string;
  /** Why, in words for people; null for no words. */
  readonly note: string | null;
  readonly actor: string;
}

/** A block that exists stays as it is, and is returned, also where another transaction has made it just now. */
const statement: Statement = {
  name: 'insert_block',
  text: `
INSERT INTO blocked_hostnames AS b (domain_id, hostname_key, hostname, note, blocked_by)
VALUES ($1::text, $2::text, $3::text, $4::text, $5::text)
ON CONFLICT (domain_id, hostname_key) DO UPDATE SET hostname = b.hostname
RETURNING to_jsonb(b) AS row`,
};

/** Blocks a hostname; returns the block, also where it was blocked before. */
export async function insertBlock(sql: Sql, { domainId, hostname, note, actor }: NewBlock): Promise<JsonRow> {
  const values = [domainId, hostnameKey(hostname), hostname, note, actor];
  const [block] = await sql.query<{ row: JsonRow }>(statement, values);
  if (!block) throw new Error(`${hostname} was not blocked`);
  return block.row;
}
