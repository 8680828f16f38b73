import type { ClientBase, QueryConfig } from 'pg';
import type { ConnectionTimeouts } from './timeouts.ts';

/**
 * Settings on which the meaning of statements and of their answers depends, or the life of a connection. A version of
 * PostgreSQL that lacks one is left without it.
 */
const common: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  idle_session_timeout: '0',
  transaction_timeout: '0',
};

/**
 * O6: sets a session's settings, whatever the role or the database says. By a statement and not when connecting, since
 * PgBouncer refuses the startup parameters.
 *
 * @param schema the only one on the search path (O4)
 */
export async function openSession(
  client: Pick<ClientBase, 'query'>,
  timeouts: ConnectionTimeouts,
  schema: string,
): Promise<void> {
  const settings = {
    ...common,
    search_path: /^[a-z_][a-z0-9_]*$/.test(schema) ? schema : `"${schema}"`,
    statement_timeout: String(timeouts.statementMs),
    lock_timeout: String(timeouts.lockMs),
    idle_in_transaction_session_timeout: String(timeouts.idleInTransactionMs),
  };
  // Until it is answered the connection is lent to nobody, so no lane looks after it.
  const query: QueryConfig & { query_timeout: number } = {
    text: `SELECT pg_catalog.set_config(name, value, FALSE)
       FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS setting(name, value)
       WHERE pg_catalog.current_setting(name, TRUE) IS NOT NULL`,
    values: [Object.keys(settings), Object.values(settings)],
    query_timeout: timeouts.answerMs,
  };
  await client.query(query);
}
