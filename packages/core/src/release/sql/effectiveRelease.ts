/**
 * SQL for the release that a domain's plugin of this version is of, as a row of one: the domain's own, also a retired one,
 * before the public one (C1).
 *
 * @param plugin the alias of a row with the plugin's domain_id, plugin_id and version
 * @param columns of the release, which is called `r`
 */
export const effectiveReleaseSql = (plugin: string, columns: string) =>
  `SELECT ${columns} FROM releases r
    WHERE r.plugin_id = ${plugin}.plugin_id AND r.version = ${plugin}.version
      AND (r.domain_id = ${plugin}.domain_id OR r.domain_id IS NULL)
    ORDER BY r.domain_id NULLS LAST LIMIT 1`;
