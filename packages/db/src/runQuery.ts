import { type ClientBase, type Pool, Query, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import type { Statement } from './sql.ts';

/** A query as `pg` takes it: its own kind of object, or a configuration that it makes one of. */
type Runnable = Query | QueryConfig;
type Answered<Row extends QueryResultRow> = (error: Error | null, result: QueryResult<Row>) => void;
/** The form of `query` that its types leave out: a query object with a callback. */
type Runner<Row extends QueryResultRow> = { query(query: Runnable, answered: Answered<Row>): unknown };

/**
 * Runs a query. By a callback: the promise that the driver makes without one keeps the answer in memory until the garbage
 * collector's next full round (pg 8.23; the small rounds took five times as long).
 */
export function runQuery<Row extends QueryResultRow>(
  connection: ClientBase | Pool,
  query: Runnable,
): Promise<QueryResult<Row>> {
  const { promise, resolve, reject } = Promise.withResolvers<QueryResult<Row>>();
  (connection as Runner<Row>).query(query, (error, result) => {
    if (error) reject(error);
    else resolve(result);
  });
  return promise;
}

/** Runs a statement, as `runQuery` does; the driver copies a configuration property by property, but not a query object. */
export async function runStatement<Row extends QueryResultRow>(
  connection: ClientBase | Pool,
  statement: Statement | string,
  values: readonly unknown[],
): Promise<Row[]> {
  const isNamed = typeof statement !== 'string';
  const query = new Query(isNamed ? statement.text : statement, [...values]);
  if (isNamed) Object.assign(query, { name: statement.name });
  return (await runQuery<Row>(connection, query)).rows;
}
