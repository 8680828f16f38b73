/** PostgreSQL's error classes for "not now": connection exceptions, too many connections, shutting down. */
const sqlStates = /^(08...|53...|57P0[1-5]|40001|40P01)$/;
const systemErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
/** Prisma's codes for a database that can't be reached, timed out, or closed the connection. */
const prismaErrors = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024']);
/** `pg` gives these no code. */
const codeless = [
  'Connection terminated',
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Cannot use a pool after calling end on the pool',
];

/** Whether an error says that the database can't be reached at present, as opposed to a mistake in a statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (sqlStates.test(code) || systemErrors.has(code) || prismaErrors.has(code)) return true;
  if (sqlStates.test(adapterCode(error))) return true;
  if (error instanceof AggregateError && error.errors.some(isDatabaseUnavailable)) return true;
  return codeless.some((text) => error.message.startsWith(text)) || isDatabaseUnavailable(error.cause);
}

/** The database's own code, which Prisma leaves below its P2039, "some other database error". */
function adapterCode(error: Error): string {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } } };
  return String(meta?.driverAdapterError?.cause?.originalCode ?? '');
}
