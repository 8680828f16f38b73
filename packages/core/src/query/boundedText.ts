import { isPastDatabaseLimit } from '@muster/db';
import { AnswerTooLargeError } from '../base/errors.ts';
import type { Parameters } from './context.ts';

/** A statement whose one row has a column `text`, and further columns. */
interface TextStatement {
  readonly statement: string;
  /** SQL of the further columns, over that row, `made`, and over what stands before the statement. */
  readonly columns: readonly string[];
}

/**
 * SQL that gives the row of a statement for `readText`: a text of more bytes than `maxBytes` never leaves the database
 * (W3).
 */
export function boundedTextSql(
  parameters: Parameters,
  maxBytes: number,
  { statement, columns }: TextStatement,
): string {
  const most = parameters.add(maxBytes, 'int8');
  const bounded = [
    'octet_length(made.text) AS bytes',
    `CASE WHEN octet_length(made.text) <= ${most} THEN made.text END AS text`,
  ];
  // OFFSET keeps the planner from making the text anew wherever it is mentioned.
  return `SELECT ${[...bounded, ...columns].join(', ')} FROM (${statement} OFFSET 0) made`;
}

/**
 * Waits for the one row of a statement that gives a text, whether its size is bounded or can't be too large.
 *
 * @throws AnswerTooLargeError where the text is larger than it may be, or than the database can hold
 */
export async function readText<Columns extends object>(
  rows: Promise<(Columns & { readonly text: string | null; readonly bytes?: number })[]>,
  maxBytes: number,
  viewer: { readonly subject: string },
): Promise<Columns & { readonly text: string }> {
  try {
    const [row] = await rows;
    if (!row) throw new Error('a statement that gives a text gave no row');
    const { text, bytes } = row;
    if (text === null) throw new AnswerTooLargeError(viewer, { maxBytes, bytes });
    return { ...row, text };
  } catch (error) {
    throw isPastDatabaseLimit(error) ? new AnswerTooLargeError(viewer, { maxBytes }) : error;
  }
}
