import type { Sql, Statement } from '@muster/db';
import type { JsonRow } from '../../base/rows.ts';

/** A release by what it is of. */
export interface ReleaseIdentity {
  /** Null for the public one. */
  readonly domainId: string | null;
  readonly pluginId: string;
  readonly version: string;
}

const statement: Statement = {
  name: 'find_published',
  text: `
SELECT to_jsonb(r) AS row FROM releases r
WHERE r.plugin_id = $2::text AND r.version = $3::text AND r.domain_id IS NOT DISTINCT FROM $1::text`,
};

/** The release of this version that was published in the domain, or for all; retired ones too. */
export async function findPublished(
  sql: Sql,
  { domainId, pluginId, version }: ReleaseIdentity,
): Promise<JsonRow | undefined> {
  const [found] = await sql.query<{ row: JsonRow }>(statement, [domainId, pluginId, version]);
  return found?.row;
}
