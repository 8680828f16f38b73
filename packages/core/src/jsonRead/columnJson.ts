import { literal, type Piece, sql } from '../query/concatSql.ts';

/**
 * How PostgreSQL's value becomes JSON. `texts`: a list of texts. `word`: text that needs no escapes. `plain`: PostgreSQL's
 * own text is JSON as well. `time`: RFC 3339 in UTC, with milliseconds.
 */
export type ColumnFormat = 'text' | 'texts' | 'word' | 'plain' | 'time' | 'json';

/** How a value is written. */
export interface ValueFormat {
  readonly format: ColumnFormat;
  readonly nullable: boolean;
}

/** The pieces of a value's JSON; `value` is the SQL of the value. */
export function valuePieces({ format, nullable }: ValueFormat, value: string): Piece[] {
  const quote = format === 'word' || format === 'time' ? '"' : '';
  const text = writers[format](value);
  if (!nullable) return [literal(quote), sql(text), literal(quote)];
  return [sql(`coalesce(${quote ? `'"' || ${text} || '"'` : `(${text})::text`}, 'null')`)];
}

const writers: Readonly<Record<ColumnFormat, (value: string) => string>> = {
  text: (value) => `to_json(${value})`,
  texts: (value) => `to_json(${value})`,
  word: (value) => `${value}::text`,
  plain: (value) => `${value}::text`,
  time: (value) => `to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  json: (value) => `${value}::text`,
};
