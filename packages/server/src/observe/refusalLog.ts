import { DomainError, type ErrorCode } from '@muster/core';
import { GraphQLError } from 'graphql';
import type { Log } from './log.ts';

/** What somebody tried who may not, or not so much. */
const attempts: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'TOO_COMPLEX'];

/**
 * Logs a refused attempt, whichever way it came: its code, and who tried, null where that isn't known. What was sent
 * is not logged, since a credential may be in it.
 */
export function logAttempt(log: Log, error: unknown): void {
  const refusal = refusalIn(error);
  if (!refusal || !attempts.includes(refusal.code)) return;
  log.info({ code: refusal.code, subject: refusal.subject }, 'an attempt was refused');
}

/** GraphQL wraps what resolvers throw, sometimes twice. */
function refusalIn(error: unknown): DomainError | undefined {
  if (error instanceof GraphQLError && error.originalError) return refusalIn(error.originalError);
  return error instanceof DomainError ? error : undefined;
}
