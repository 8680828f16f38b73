import type { Sql, Statement } from '@muster/db';

/** C1: a public release counts only where the domain itself has none of that version. */
const statement: Statement = {
  name: 'read_newest_version',
  text: `
WITH releases AS (
  SELECT DISTINCT ON (r.version) r.version, r.version_key, r.retired_at FROM releases r
  WHERE r.plugin_id = $2::text AND (r.domain_id = $1::text OR r.domain_id IS NULL)
  ORDER BY r.version, r.domain_id NULLS LAST
),
known AS (
  SELECT p.version FROM plugins p WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND p.wanted
  UNION SELECT $3::text WHERE $3::text IS NOT NULL
)
SELECT version FROM (
  SELECT r.version, r.version_key, true AS is_release FROM releases r WHERE r.retired_at IS NULL
  UNION ALL
  SELECT k.version, version_sort_key(k.version) COLLATE "C", false FROM known k
  WHERE NOT EXISTS (SELECT FROM releases r WHERE r.version = k.version AND r.retired_at IS NOT NULL)
) v
ORDER BY is_release DESC, version_key DESC LIMIT 1`,
};

/** The plugin of which any version will do. */
interface AnyVersion {
  readonly domainId: string;
  readonly pluginId: string;
  /** A version that is named all the same; null for none. */
  readonly named: string | null;
}

/**
 * C1, M5: the newest version that may be placed: of the releases in the catalogue, or where that has none, of the version
 * that is named and those that the domain has anywhere, in any state. Undefined where there is none.
 */
export async function readNewestVersion(
  sql: Sql,
  { domainId, pluginId, named }: AnyVersion,
): Promise<string | undefined> {
  const [newest] = await sql.query<{ version: string }>(statement, [domainId, pluginId, named]);
  return newest?.version;
}
