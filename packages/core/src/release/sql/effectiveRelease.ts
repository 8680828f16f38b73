/** SQL expressions for a version of a domain's plugin. */
interface PluginVersionSql {
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
}

/**
 * C1: SQL for the release that a domain's plugin of this version is of, as at most one row: the domain's own, also a retired
 * one, before the public one.
 *
 * @param columns of the release, which is called `r`
 */
export const effectiveReleaseSql = ({ domainId, pluginId, version }: PluginVersionSql, columns: string) =>
  `SELECT ${columns} FROM releases r
    WHERE r.plugin_id = ${pluginId} AND r.version = ${version} AND (r.domain_id = ${domainId} OR r.domain_id IS NULL)
    ORDER BY r.domain_id NULLS LAST LIMIT 1`;
