import type { Database } from '@muster/db';
import { AnswerTooLargeError } from '../base/errors.ts';
import type { JsonRow } from '../base/rows.ts';
import type { Limits } from '../base/settings.ts';
import type { Parameters } from './context.ts';

/** Rows have columns that the answer leaves out, so that those of one operation may have this many times its bytes. */
const rowsPerAnswer = 2;

/** Where rows are read, and for which work. */
export type RowSource = Pick<Database, 'sql' | 'currentWork'>;

/** Where a statement runs, and the bounds that hold there. */
interface Reading {
  readonly db: RowSource;
  readonly limits: Limits;
}

/** A statement whose rows have a column `row`, and further columns by these names. */
interface RowStatement {
  readonly text: string;
  readonly columns: readonly string[];
}

/**
 * The rows of a statement, in its order. Where they have more bytes together than the operation may still read, none of
 * them leaves the database (W3).
 *
 * @throws AnswerTooLargeError
 */
export async function readBoundedRows<Row extends { readonly row: JsonRow }>(
  { db, limits }: Reading,
  parameters: Parameters,
  { text, columns }: RowStatement,
): Promise<Row[]> {
  const work = db.currentWork();
  const maxBytes = rowsPerAnswer * limits.answerBytes;
  const left = parameters.add(Math.max(0, maxBytes - work.heldBytes), 'int8');
  const row = `CASE WHEN measured.bytes <= ${left} THEN measured.row END AS row`;
  const bounded = `SELECT ${[...columns.map((name) => `measured."${name}"`), row, 'measured.bytes'].join(', ')}
    FROM (SELECT found.*, sum(pg_column_size(found.row)) OVER () AS bytes FROM (${text}) found) measured`;
  const rows = await db.sql.query<Row & { readonly bytes: number }>(bounded, parameters.values);
  // Other statements of the operation may have come in between.
  const bytes = work.heldBytes + (rows[0]?.bytes ?? 0);
  if (bytes > maxBytes) throw new AnswerTooLargeError(null, { what: 'rows for one answer', maxBytes, bytes });
  work.hold(rows[0]?.bytes ?? 0);
  return rows;
}
