import type { ErrorCode } from '@muster/core';

/** The HTTP status that fits each code, where a whole request is refused with it. */
export const httpStatus: Record<ErrorCode, number> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  SUPERVISOR_STATE: 409,
  PLUGIN_STATE: 409,
  INSTALLED_PLUGIN_EXISTS: 409,
  NO_POSSIBLE_SUPERVISOR: 409,
  RECOVER_NOT_SUPPORTED: 409,
  CURSOR_EXPIRED: 410,
  SLOW_CONSUMER: 429,
  RATE_LIMITED: 429,
  TOO_COMPLEX: 400,
  LIMIT: 409,
  TIMED_OUT: 504,
  UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
};
