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

/** The status that a call is refused with. */
export interface CallRefusal {
  readonly code: status;
  readonly details: string;
}
