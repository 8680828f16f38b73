/**
 * P9: whether the report of a plugin (`report`) is about a plugin's row (`row`) of the reporting supervisor: one that
 * names no domain speaks for the rows of all domains.
 */
export function speaksFor(report: string, row: string): string {
  return `(${row}.plugin_id = ${report}."pluginId" AND ${row}.version = ${report}."version"
      AND coalesce(${report}."domainId" = ${row}.domain_id, true))`;
}
