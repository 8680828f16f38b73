import type { ClientBase, QueryConfig } from 'pg';
import type { LaneName } from './work.ts';

/** How long the parts of a connection's work may take, in milliseconds. */
export interface ConnectionTimeouts {
  /** PostgreSQL's `statement_timeout`. */
  readonly statementMs: number;
  /** PostgreSQL's `lock_timeout`. */
  readonly lockMs: number;
  /** PostgreSQL's `idle_in_transaction_session_timeout`. */
  readonly idleInTransactionMs: number;
  /** How long an answer may take to arrive: longer than the statement may run, so only a lost connection is noticed by it. */
  readonly answerMs: number;
  /** How long a connection may be lent. */
  readonly loanMs: number;
}

const sweepTimeoutMs = 60_000;
const probeTimeoutMs = 2_000;
const answerMarginMs = 5_000;

/**
 * The timeouts of a lane. Statements of operations are bounded below the operation's deadline (W1); a sweep has one of its
 * own, and so have probes.
 */
export function timeoutsOf(lane: LaneName, operationTimeoutMs: number): ConnectionTimeouts {
  if (lane === 'sweeps') return timeouts(sweepTimeoutMs);
  if (lane === 'probes') return timeouts(probeTimeoutMs);
  return timeouts(Math.floor(operationTimeoutMs * 0.9));
}

/** Timeouts that follow from how long a statement may run. */
export function timeouts(statementMs: number): ConnectionTimeouts {
  return {
    statementMs,
    lockMs: Math.max(1, Math.floor(statementMs / 2)),
    idleInTransactionMs: statementMs * 2,
    answerMs: statementMs + answerMarginMs,
    loanMs: statementMs * 3 + answerMarginMs,
  };
}

/**
 * Sets a session's timeouts. By a statement and not when connecting, since PgBouncer refuses the startup parameters.
 */
export async function setTimeouts(client: Pick<ClientBase, 'query'>, timeouts: ConnectionTimeouts): Promise<void> {
  // Until it is answered the connection is lent to nobody, so no lane looks after it.
  const query: QueryConfig & { query_timeout: number } = {
    text: `SELECT set_config('statement_timeout', $1, FALSE), set_config('lock_timeout', $2, FALSE),
       set_config('idle_in_transaction_session_timeout', $3, FALSE)`,
    values: [timeouts.statementMs, timeouts.lockMs, timeouts.idleInTransactionMs].map(String),
    query_timeout: timeouts.answerMs,
  };
  await client.query(query);
}
