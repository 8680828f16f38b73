import type { Sql, Statement } from '@muster/db';

const statement: Statement = {
  name: 'read_versions',
  text: `
SELECT DISTINCT p.version FROM plugins p
WHERE p.domain_id = $1::text AND p.plugin_id = $2::text AND p.wanted`,
};

/** The versions of a plugin that a domain has anywhere, in any state. */
export function readVersions(
  sql: Sql,
  { domainId, pluginId }: { domainId: string; pluginId: string },
): Promise<{ version: string }[]> {
  return sql.query(statement, [domainId, pluginId]);
}
