/**
 * SQLSTATEs: the five characters by which PostgreSQL says what went wrong. `pg` and PGlite give them as an error's
 * `code`. All that decide by a state ask here.
 *
 * A deadlock (40P01) has two meanings, by the caller: placement retries its own transactions (`isDeadlock`), since
 * they lock rows that reports lock too. Where nobody retries, or retries ran out, it is "unavailable, try again"
 * (`isUnavailable`), as a serialization failure (40001) is.
 */

/**
 * Connection exceptions, insufficient resources, shutdown, start and recovery; a database that is read-only for now (a standby,
 * an operator's work); transactions that lost against others, or took longer than PostgreSQL lets them.
 */
const unavailable = /^(08...|53...|57P0[1-5]|25006|25P0[34]|40001|40P01)$/;

/** The code of an error: a SQLSTATE or the code of another library; '' for none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether a code is one of PostgreSQL's, and not of the driver or the system. */
export function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E');
}

/** Whether a state means "not now": the same statement may succeed later. */
export function isUnavailable(sqlState: string): boolean {
  return unavailable.test(sqlState);
}

/** Whether PostgreSQL aborted a transaction to break a deadlock; a retry of the whole transaction may succeed. */
export function isDeadlock(error: unknown): boolean {
  return codeOf(error) === '40P01';
}

/** Whether PostgreSQL ended a transaction since it can't be put in one order with others; a retry may succeed. */
export function isSerializationFailure(error: unknown): boolean {
  return codeOf(error) === '40001';
}

/** Whether a row refers to a row that doesn't exist, or no longer does. */
export function isForeignKeyViolation(error: unknown): boolean {
  return codeOf(error) === '23503';
}

/** Whether a statement gave up because another transaction held a lock for longer than `lock_timeout` (or NOWAIT). */
export function isLockNotAvailable(error: unknown): boolean {
  return codeOf(error) === '55P03';
}

/** Whether a statement was cancelled: over `statement_timeout`, or since nobody waits for it any longer. */
export function isStatementCancelled(error: unknown): boolean {
  return codeOf(error) === '57014';
}

/** Whether a statement would have written where nothing may: in a standby, or a database that is read-only. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === '25006';
}

/** Whether the database's disk is full. */
export function isDiskFull(error: unknown): boolean {
  return codeOf(error) === '53100';
}

/** Whether a statement was past a limit of PostgreSQL (class 54), such as the size of one value. */
export function isPastDatabaseLimit(error: unknown): boolean {
  return /^54...$/.test(codeOf(error));
}
