/** A statement that is run often: its `name` lets PostgreSQL keep its plan for as long as a connection lives. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs SQL as it is written, without an ORM on the way.
 *
 * Timestamps come back as `Date`, `bigint` columns as `number` (Muster's stay below 2^53), JSON parsed. JSON goes in
 * as text (`JSON.stringify`) with a cast, arrays as JavaScript arrays with a cast to the column's type.
 */
export interface Sql {
  query<Row extends object>(statement: Statement | string, values?: readonly unknown[]): Promise<Row[]>;
}
