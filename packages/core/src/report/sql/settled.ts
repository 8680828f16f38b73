/**
 * The version of a plugin's row (`p`) as a number. Each change of a row makes another, by any statement, since
 * PostgreSQL itself keeps the transaction that a version is of.
 */
export const rowVersion = 'hashtextextended(p.id, p.xmin::text::bigint)';

/** The text of the versions of no row. */
const none = "'0'";

/** The versions of a supervisor's plugins as one text, given SQL that yields one for all. */
export function versionsText(versions: string): string {
  return `coalesce(${versions}, ${none})`;
}

/** The aggregate of versions: the same for the same rows in any order. */
export function allVersions(version: string): string {
  return `bit_xor(${version})::text`;
}

/**
 * The reports that changed no plugin, each with the text that says so: the report's digest and the versions of its
 * supervisor's plugins. Nothing else decides what a report changes of plugins, and no time, unless one is absent or unknown,
 * or has another endpoint than reported (S8); so the same report changes none as long as the versions are the same.
 */
export const settled = `settled AS MATERIALIZED (
  SELECT l."index", l."digest" || ${versionsText('v.versions')} AS report
  FROM reporter l
  LEFT JOIN (SELECT p.supervisor_id, ${allVersions('p.row_version')} AS versions FROM own p GROUP BY p.supervisor_id) v
    ON v.supervisor_id = l.id
  WHERE l."hasPlugins" AND l."digest" IS NOT NULL
    AND l."index" NOT IN (SELECT "index" FROM changing)
    AND l."index" NOT IN (SELECT "index" FROM unknown_plugin)
    AND l.id NOT IN (SELECT supervisor_id FROM absent)
)`;
