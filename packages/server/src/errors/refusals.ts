import { DomainError, type Viewer } from '@muster/core';
import { GraphQLError } from 'graphql';

/** TOO_COMPLEX, with HTTP status 400 on every front that has one. */
export function tooComplex(message: string, details: Record<string, unknown> = {}): DomainError {
  return new DomainError('TOO_COMPLEX', message, { ...details, http: { status: 400 } });
}

/** RATE_LIMITED, of a credential whose requests come too fast; says when the next one may come. */
export function tooManyRequests(perSecond: number, retryAfterMs: number, viewer: Viewer): DomainError {
  const message = `expected at most ${perSecond} requests a second for one credential`;
  return new DomainError('RATE_LIMITED', message, { retryAfterMs }, viewer.subject);
}

/** RATE_LIMITED, of a credential that has `limit` open already. @param things in the plural: `connections` */
export function tooManyAtATime(limit: number, things: string, viewer: Viewer): DomainError {
  const message = `expected at most ${limit} ${things} at a time for one credential`;
  return new DomainError('RATE_LIMITED', message, {}, viewer.subject);
}

/** RATE_LIMITED, of a WebSocket on which `limit` operations are under way. */
export function tooManyOperations(limit: number, viewer: Viewer | undefined): DomainError {
  const message = `expected at most ${limit} operations at a time on one connection; end one, or open another connection`;
  return new DomainError('RATE_LIMITED', message, {}, viewer?.subject);
}

/** A document that has no operation, or none of the name asked for, or several and no name was given. */
export function operationNotFound(): GraphQLError {
  return new GraphQLError('Could not determine what operation to execute.', { extensions: { http: { status: 400 } } });
}

/** A mutation in a GET, which must change nothing. */
export function mutationByGet(): GraphQLError {
  return new GraphQLError('Can only perform a mutation operation from a POST request.', {
    extensions: { http: { status: 405, headers: { Allow: 'POST' } } },
  });
}
