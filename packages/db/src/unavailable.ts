import { FolderLostError } from './folderLock/folderLock.ts';
import { SilentConnectionError } from './lanes/workErrors.ts';
import { codeOf, isUnavailable } from './sqlState.ts';

const systemErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
/** Prisma's codes for a database that can't be reached, timed out, or closed the connection (@prisma/client 7.10). */
const prismaErrors = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024']);
/**
 * How the messages begin of errors without a code. The first, second and fourth are of pg 8.23 (lib/client.js), the
 * others of pg-pool 3.14 (index.js): with another version of either, compare them with its source.
 */
const codeless = [
  'Connection terminated',
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Client has encountered a connection error',
  'Cannot use a pool after calling end on the pool',
];

/** Whether an error means that the database can't be reached at present, as opposed to a mistake in a statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof SilentConnectionError || error instanceof FolderLostError) return true;
  // The end of the session, or the refusal of one: no fault of the statement.
  if ('severity' in error && error.severity === 'FATAL') return true;
  const code = codeOf(error);
  if (isUnavailable(code) || systemErrors.has(code) || prismaErrors.has(code)) return true;
  if (isUnavailable(adapterCode(error))) return true;
  if (error instanceof AggregateError && error.errors.some(isDatabaseUnavailable)) return true;
  return codeless.some((text) => error.message.startsWith(text)) || isDatabaseUnavailable(error.cause);
}

/** The SQLSTATE of an error, also below Prisma's P2039, "some other database error"; or the code of another library. */
export function sqlStateOf(error: unknown): string {
  return error instanceof Error ? adapterCode(error) || codeOf(error) : '';
}

function adapterCode(error: Error): string {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } } };
  return String(meta?.driverAdapterError?.cause?.originalCode ?? '');
}
