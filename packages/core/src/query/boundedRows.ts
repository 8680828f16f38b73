import type { Sql } from '@muster/db';
import { AnswerTooLargeError } from '../base/errors.ts';
import type { JsonRow } from '../base/rows.ts';
import type { Limits } from '../base/settings.ts';
import type { Parameters } from './context.ts';

/** Rows have columns that the answer leaves out, so that they may have this many times its bytes. */
const rowsPerAnswer = 4;

/** Where a statement runs, and the bounds that hold there. */
interface Reading {
  readonly sql: Sql;
  readonly limits: Limits;
}

/** A statement whose rows have a column `row`, and further columns by these names. */
interface RowStatement {
  readonly text: string;
  readonly columns: readonly string[];
}

/**
 * The rows of a statement, in its order. Where they have too many bytes together, none of them leaves the database (W3).
 *
 * @throws AnswerTooLargeError
 */
export async function readBoundedRows<Row extends { readonly row: JsonRow }>(
  { sql, limits }: Reading,
  parameters: Parameters,
  { text, columns }: RowStatement,
): Promise<Row[]> {
  const maxBytes = rowsPerAnswer * limits.answerBytes;
  const row = `CASE WHEN measured.bytes <= ${parameters.add(maxBytes, 'int8')} THEN measured.row END AS row`;
  const bounded = `SELECT ${[...columns.map((name) => `measured."${name}"`), row, 'measured.bytes'].join(', ')}
    FROM (SELECT found.*, sum(pg_column_size(found.row)) OVER () AS bytes FROM (${text}) found) measured`;
  const rows = await sql.query<Row & { readonly bytes: number }>(bounded, parameters.values);
  const bytes = rows[0]?.bytes ?? 0;
  if (bytes > maxBytes) throw new AnswerTooLargeError(null, { what: 'rows for one answer', maxBytes, bytes });
  return rows;
}
