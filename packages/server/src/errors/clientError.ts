import { randomUUID } from 'node:crypto';
import { DomainError, type ErrorCode, errorCodes } from '@muster/core';
import { databaseFailureOf } from '@muster/db';
import { GraphQLError } from 'graphql';

/** The id under which it is reported that the database can't be reached: many operations fail for one cause. */
export const unavailableId = 'unavailable';

/** The longest message, in characters: a message may quote a client's input, which is not sent back whole. */
const longestMessage = 1_000;

/**
 * The error that a client may read, whatever front it is sent by: a DomainError as it is, GraphQL's own errors as
 * BAD_USER_INPUT, and of any other nothing but an id, under which `report` is called with the error itself.
 */
export function toClientError(error: unknown, report: (id: string, error: unknown) => void): GraphQLError {
  const cause = causeOf(error);
  const place = error instanceof GraphQLError ? error : undefined;
  if (cause instanceof DomainError) return clientError(place, cause.message, cause.code, cause.details);
  if (cause instanceof GraphQLError) {
    if (isErrorCode(cause.extensions.code)) return cause;
    return clientError(place, cause.message, 'BAD_USER_INPUT', kept(cause));
  }
  const failure = databaseFailureOf(cause);
  switch (failure?.kind) {
    case 'unavailable':
      report(unavailableId, cause);
      return clientError(place, 'the database can not be reached at present; try again', 'UNAVAILABLE');
    case 'timedOut':
      return clientError(place, 'expected an operation that ends in time; it was cancelled', 'TIMED_OUT');
    case 'queueFull': {
      const { retryAfterMs } = failure;
      return clientError(place, 'too many operations wait already; try again later', 'RATE_LIMITED', { retryAfterMs });
    }
  }
  const errorId = randomUUID();
  report(errorId, cause);
  return clientError(place, `an internal error; it was logged as ${errorId}`, 'INTERNAL_SERVER_ERROR', { errorId });
}

function clientError(
  place: GraphQLError | undefined,
  message: string,
  code: ErrorCode,
  details: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  return new GraphQLError(message.length > longestMessage ? `${message.slice(0, longestMessage)}...` : message, {
    ...(place?.nodes ? { nodes: place.nodes } : {}),
    ...(place?.source ? { source: place.source } : {}),
    ...(place?.positions ? { positions: place.positions } : {}),
    ...(place?.path ? { path: place.path } : {}),
    extensions: { ...details, code },
  });
}

/** GraphQL wraps what resolvers throw, sometimes twice. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return errorCodes.some((known) => known === code);
}

/** The extensions of a GraphQL error that are kept: the HTTP status that fits it, and the input's path (inputErrorPaths.ts). */
function kept({ extensions: { http, path } }: GraphQLError): Record<string, unknown> {
  return { ...(http ? { http } : {}), ...(path ? { path } : {}) };
}
