import { status } from '@grpc/grpc-js';
import type { ErrorCode } from '@muster/core';

/** The gRPC status of each error code. */
export const grpcStatus: Record<ErrorCode, status> = {
  BAD_USER_INPUT: status.INVALID_ARGUMENT,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  FORBIDDEN: status.PERMISSION_DENIED,
  NOT_FOUND: status.NOT_FOUND,
  SUPERVISOR_STATE: status.FAILED_PRECONDITION,
  PLUGIN_STATE: status.FAILED_PRECONDITION,
  INSTALLED_PLUGIN_EXISTS: status.FAILED_PRECONDITION,
  NO_POSSIBLE_SUPERVISOR: status.FAILED_PRECONDITION,
  RECOVER_NOT_SUPPORTED: status.FAILED_PRECONDITION,
  CURSOR_EXPIRED: status.OUT_OF_RANGE,
  SLOW_CONSUMER: status.RESOURCE_EXHAUSTED,
  RATE_LIMITED: status.RESOURCE_EXHAUSTED,
  TOO_COMPLEX: status.RESOURCE_EXHAUSTED,
  LIMIT: status.RESOURCE_EXHAUSTED,
  TIMED_OUT: status.DEADLINE_EXCEEDED,
  UNAVAILABLE: status.UNAVAILABLE,
  INTERNAL_SERVER_ERROR: status.INTERNAL,
};

/** The name of a refusal in a status's details: an error code, or the name of a refusal that gRPC alone knows. */
export type RefusalName = ErrorCode | 'UNIMPLEMENTED' | 'REQUIRED_PARAMETER';

/** The status that a call is refused with. */
export interface CallRefusal {
  readonly code: status;
  readonly details: string;
}

/** A refusal with the status of an error code. @param name by default the code */
export function callRefusal(code: ErrorCode, message: string, name: RefusalName = code): CallRefusal {
  return { code: grpcStatus[code], details: detailsOf(name, message) };
}

/** UNIMPLEMENTED, which is no code of ours: no other front has methods that are described and not served. */
export function unimplemented(message: string): CallRefusal {
  return { code: status.UNIMPLEMENTED, details: detailsOf('UNIMPLEMENTED', message) };
}

const prefix = 'ERROR_';

/**
 * The details of a refusal. Existing clients take what begins with `ERROR_` for a server's answer, and everything else for a
 * broken connection, on which they call again at once.
 */
export function detailsOf(name: RefusalName, message: string): string {
  // grpc-js encodes details as a URI, which half a surrogate pair makes impossible.
  return `${prefix}${name}: ${message.toWellFormed()}`;
}

/** Whether details are of the form of `detailsOf`. */
export const isOurs = (details: string | undefined) => details?.startsWith(prefix) === true;
