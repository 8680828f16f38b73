import type { Sql, Statement } from '@muster/db';
import type { JsonRow } from '../../base/rows.ts';
import type { ReleaseSpec } from '../releaseSpec.ts';

/** A release to store. */
export interface NewRelease {
  readonly id: string;
  /** Null for a public one. */
  readonly domainId: string | null;
  readonly pluginId: string;
  readonly version: string;
  readonly spec: ReleaseSpec;
  readonly actor: string;
}

/** A8: the domain's row is locked until the commit, and read as every earlier transaction left it. */
const statement: Statement = {
  name: 'insert_release',
  text: `
WITH usage AS (
  INSERT INTO domain_usage AS u (domain_id) VALUES (coalesce($2::text, '*'))
  ON CONFLICT (domain_id) DO UPDATE SET releases = u.releases
  RETURNING u.releases
),
inserted AS (
  INSERT INTO releases AS r (id, domain_id, plugin_id, version, spec, created_by)
  SELECT $1::text, $2::text, $3::text, $4::text, $5::jsonb, $6::text
  FROM usage WHERE usage.releases < $7::int
  ON CONFLICT (plugin_id, version, domain_id) DO NOTHING
  RETURNING to_jsonb(r) AS row
)
SELECT (SELECT row FROM inserted), usage.releases >= $7::int AS "isOverQuota" FROM usage`,
};

/** Stores a release; EXISTS where another call has published one of this version. */
export async function insertRelease(
  sql: Sql,
  release: NewRelease,
  quota: number,
): Promise<JsonRow | 'OVER_QUOTA' | 'EXISTS'> {
  const [answer] = await sql.query<{ row: JsonRow | null; isOverQuota: boolean }>(statement, [
    release.id,
    release.domainId,
    release.pluginId,
    release.version,
    JSON.stringify(release.spec),
    release.actor,
    quota,
  ]);
  if (answer?.row) return answer.row;
  return answer?.isOverQuota ? 'OVER_QUOTA' : 'EXISTS';
}
