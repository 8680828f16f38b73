export * from './generated/prisma/client.ts';
export { type Database, type DatabaseKind, type OpenDatabaseOptions, openDatabase } from './open.ts';
export { DatabaseSetupError } from './setupError.ts';
export type { Sql, Statement } from './sql.ts';
export { isDatabaseUnavailable } from './unavailable.ts';
