/*
 * One rule for letters without regard to case, whatever the database's locale: Unicode's simple mapping to lower case,
 * letter by letter, with one small sigma for both. The function is made by the migration fold_case; a test compares the two.
 */

/** The SQL of a text without regard to case. */
export const foldCaseSql = (sql: string) => `fold_case(${sql})`;

/** `foldCaseSql` of a parameter, once for all rows. */
export const foldParameterSql = (parameter: string) => `(SELECT ${foldCaseSql(parameter)})`;

/** `foldCaseSql` in memory. JavaScript's own looks at a letter's neighbours where it meets a capital sigma. */
export function foldCase(text: string): string {
  if (!/[\u0130\u03A3\u03C2]/.test(text)) return text.toLowerCase();
  return text
    .replaceAll('\u0130', 'i')
    .replaceAll(/[\u03A3\u03C2]/g, '\u03C3')
    .toLowerCase();
}
