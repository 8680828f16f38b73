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

/** For what may take as long as it must: no timeout but that of the answer. */
export const noTimeouts: ConnectionTimeouts = {
  statementMs: 0,
  lockMs: 0,
  idleInTransactionMs: 0,
  answerMs: answerMarginMs,
  loanMs: Number.POSITIVE_INFINITY,
};
