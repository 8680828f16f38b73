/**
 * SQL for the log's state, as a row: the columns of `LogBounds`. No row in a database in recovery: a standby lags behind, so
 * that its head says nothing.
 */
export const logSql = `
SELECT log_id AS "logId", epoch, past_epochs AS "pastEpochs", trimmed_through AS "trimmedThrough",
  greatest(trimmed_through, (SELECT max(seq) FROM events)) AS "headSeq"
FROM event_log WHERE NOT pg_is_in_recovery()`;

/** The error where `logSql` gave no row. */
export function inRecovery(): Error {
  // SQLSTATE "cannot connect now": what passes is UNAVAILABLE (O6).
  return Object.assign(new Error('the database is in recovery: a standby does not say where the event log ends'), {
    code: '57P03',
  });
}
