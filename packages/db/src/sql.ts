/** A statement that runs often: by its `name`, PostgreSQL keeps the plan as long as the connection lives. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs SQL as written, without an ORM.
 *
 * Results: timestamps are `Date`, `bigint` columns are `number` (Muster's stay below 2^53), JSON is parsed. Parameters:
 * JSON is text (`JSON.stringify`) with a cast, arrays are JavaScript arrays with a cast to the column's type.
 */
export interface Sql {
  query<Row extends object>(statement: Statement | string, values?: readonly unknown[]): Promise<Row[]>;
}

/** The SQL of a statement. */
export function textOf(statement: Statement | string): string {
  return typeof statement === 'string' ? statement : statement.text;
}
