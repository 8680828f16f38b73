export type { Database, OpenDatabaseOptions } from './database.ts';
export * from './generated/prisma/client.ts';
export { openDatabase } from './open.ts';
export { DatabaseSetupError } from './setupError.ts';
export type { Sql, Statement } from './sql.ts';
export { isDeadlock, isForeignKeyViolation, isLockNotAvailable, isStatementTooLarge } from './sqlState.ts';
export { isDatabaseUnavailable } from './unavailable.ts';
