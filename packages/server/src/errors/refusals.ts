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

/** RATE_LIMITED, of a credential whose requests took more points than it gains; says when it has points again. */
export function tooMuchWork(
  { pointsPerSecond, pointsPerMinute }: { readonly pointsPerSecond: number; readonly pointsPerMinute: number },
  retryAfterMs: number,
  viewer: Viewer,
): DomainError {
  const message = `expected at most ${pointsPerSecond} points of work a second, and ${pointsPerMinute} a minute, for one credential`;
  return new DomainError('RATE_LIMITED', message, { retryAfterMs }, viewer.subject);
}

/** RATE_LIMITED, of a credential that has `limit` open already. @param things in the plural: `connections` */
export function tooManyAtATime(limit: number, things: string, viewer: Viewer): DomainError {
  const message = `expected at most ${limit} ${things} at a time for one credential`;
  return new DomainError('RATE_LIMITED', message, {}, viewer.subject);
}

/** RATE_LIMITED, of a connection beyond those that all clients together may have. */
export function tooManyConnections(limit: number, viewer: Viewer): DomainError {
  return new DomainError('RATE_LIMITED', `expected at most ${limit} connections at a time`, {}, viewer.subject);
}

/** RATE_LIMITED, of a WebSocket on which `limit` operations are under way. */
export function tooManyOperations(limit: number, viewer: Viewer | undefined): DomainError {
  const message = `expected at most ${limit} operations at a time on one connection; end one, or open another connection`;
  return new DomainError('RATE_LIMITED', message, {}, viewer?.subject);
}

/** RATE_LIMITED, of an address from which too many credentials have failed. */
export function tooManyFailures(perMinute: number, retryAfterMs: number): DomainError {
  const message = `expected at most ${perMinute} failed credentials a minute from one address`;
  return new DomainError('RATE_LIMITED', message, { retryAfterMs });
}

/** UNAVAILABLE, of a stream that is asked for while the server stops. */
export function stopping(): DomainError {
  return new DomainError('UNAVAILABLE', 'the server is stopping');
}

/** UNAVAILABLE, of a credential that could not be looked up since too many others of its address are being looked up. */
export function tooManyLookUps(): DomainError {
  return new DomainError(
    'UNAVAILABLE',
    'expected fewer credentials of one address that are being looked up; try again',
  );
}

/** RATE_LIMITED, of an address whose requests without a credential come too fast. */
export function tooManyAnonymous(perSecond: number, retryAfterMs: number): DomainError {
  const message = `expected at most ${perSecond} requests a second without a credential from one address`;
  return new DomainError('RATE_LIMITED', message, { retryAfterMs });
}

/** RATE_LIMITED, of a stream that watches the server's health where there are as many as may be. */
export function tooManyWatches(): DomainError {
  return new DomainError(
    'RATE_LIMITED',
    "expected fewer streams that watch the server's health; end one, or ask with Check",
  );
}

/** UNAUTHENTICATED, of an agent that has shown no certificate where agents must. */
export function certificateMissing(): DomainError {
  return new DomainError('UNAUTHENTICATED', "expected a client certificate that names the agent's host; got none");
}

/** RATE_LIMITED, of a connection whose peer is to read what it has been sent before it asks for more (W9). */
export function tooFarBehind(viewer: Viewer): DomainError {
  const message = 'expected a client that reads its answers; too many bytes wait for it';
  return new DomainError('RATE_LIMITED', message, { retryAfterMs: 1_000 }, viewer.subject);
}

/** A document that has no operation, or none of the name asked for, or several and no name was given. */
export function operationNotFound(): GraphQLError {
  return new GraphQLError('Could not determine what operation to execute.', { extensions: { http: { status: 400 } } });
}

/** FORBIDDEN, of a document that isn't listed where only listed ones are taken. */
export function textNotTaken(viewer: Viewer): DomainError {
  const message = 'expected the id of a persisted operation, since no other document is taken; got a document';
  return new DomainError('FORBIDDEN', message, { http: { status: 403 } }, viewer.subject);
}

/** The answer to the hash of an automatic persisted query where these aren't kept: clients of Apollo go by the message, and send the document from then on. */
export const persistedQueryNotSupported = () => unknownDocument('PersistedQueryNotSupported');

/** The answer to a hash that isn't known: clients of Apollo go by the message, and send the document with its hash. */
export const persistedQueryNotFound = () => unknownDocument('PersistedQueryNotFound');

/** A `documentId` that nothing is listed under. */
export const unknownDocumentId = () => unknownDocument('expected the documentId of a persisted operation; got another');

/** A document that was sent with the hash of another. */
export const wrongHash = () => unknownDocument('expected the SHA-256 hash of the document; got another');

function unknownDocument(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { http: { spec: true, status: 400 } } });
}

/** A request whose answer would be of no media type that its client accepts. */
export function notAcceptableAnswer(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { http: { status: 406 } } });
}

/** A mutation in a GET, which must change nothing. */
export function mutationByGet(): GraphQLError {
  return new GraphQLError('Can only perform a mutation operation from a POST request.', {
    extensions: { http: { status: 405, headers: { Allow: 'POST' } } },
  });
}
