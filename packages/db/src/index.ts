export type { Database, OpenDatabaseOptions } from './database.ts';
export { databaseFailureOf } from './databaseFailure.ts';
export * from './generated/prisma/client.ts';
export type { LaneLoad } from './lanes/laneLoad.ts';
export { defaultPoolSize, leastPoolSize } from './lanes/shares.ts';
export { type Turn, Turns } from './lanes/turns.ts';
export { type LaneName, ownWork, Work } from './lanes/work.ts';
export { QueueFullError, type StopCause, WorkStoppedError } from './lanes/workErrors.ts';
export { openDatabase } from './open.ts';
export { examineSetup } from './setup/examineSetup.ts';
export type { Finding } from './setup/finding.ts';
export { DatabaseSetupError } from './setup/setupError.ts';
export { createSteps } from './setup/steps.ts';
export type { Sql, Statement } from './sql.ts';
export {
  isDeadlock,
  isDiskFull,
  isForeignKeyViolation,
  isLockNotAvailable,
  isPastDatabaseLimit,
  isReadOnly,
  isStatementCancelled,
} from './sqlState.ts';
export { isDatabaseUnavailable } from './unavailable.ts';
