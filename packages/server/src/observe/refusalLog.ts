import { DomainError, type ErrorCode } from '@muster/core';
import { GraphQLError } from 'graphql';
import type { Log } from './log.ts';

/** The codes of attempts at what the viewer may not do, or not as often. */
const attempts: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'TOO_COMPLEX'];

/**
 * Logs a refused attempt, whichever front it came by: the code, and the viewer's subject, null where that isn't known.
 * The request itself is not logged, since a credential may be in it.
 */
export function logRefusal(log: Log, error: unknown): void {
  const refusal = refusalIn(error);
  if (!refusal || !attempts.includes(refusal.code)) return;
  log.info({ code: refusal.code, subject: refusal.subject }, 'an attempt was refused');
}

/** GraphQL wraps what resolvers throw, sometimes twice. */
function refusalIn(error: unknown): DomainError | undefined {
  if (error instanceof GraphQLError && error.originalError) return refusalIn(error.originalError);
  return error instanceof DomainError ? error : undefined;
}
