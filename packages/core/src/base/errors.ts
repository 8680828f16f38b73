/** The closed set of error codes (domain.md, "Errors"): GraphQL's `extensions.code`, REST's body, gRPC's status. */
export const errorCodes = [
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'SUPERVISOR_STATE',
  'PLUGIN_STATE',
  'INSTALLED_PLUGIN_EXISTS',
  'NO_POSSIBLE_SUPERVISOR',
  'RECOVER_NOT_SUPPORTED',
  'CURSOR_EXPIRED',
  'SLOW_CONSUMER',
  'RATE_LIMITED',
  'TOO_COMPLEX',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * A refusal that its caller may read: the message says what was expected and what came, `details` holds what a
 * program may want (never an internal error's text). Anything else that is thrown is an INTERNAL_SERVER_ERROR.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  /** Whose attempt was refused, for the log; its caller knows. */
  readonly subject: string | null;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}, subject: string | null = null) {
    super(message);
    this.code = code;
    this.details = details;
    this.subject = subject;
  }
}

/** FORBIDDEN: what the viewer may not do. */
export function forbidden(viewer: { readonly subject: string }, problem: string): DomainError {
  return new DomainError('FORBIDDEN', problem, {}, viewer.subject);
}

/** BAD_USER_INPUT: what is wrong, and where. */
export class InputError extends DomainError {
  // Not called `path`: graphql-js takes an error that has one for an error of its own, which already tells its place.
  readonly at: readonly (string | number)[];
  readonly problem: string;

  constructor(at: readonly (string | number)[], problem: string) {
    super('BAD_USER_INPUT', `${formatPath(at)}: ${problem}`, { path: at });
    this.at = at;
    this.problem = problem;
  }

  /** The same, as seen from where the operation's arguments lie under `prefix`. */
  under(...prefix: readonly (string | number)[]): InputError {
    return new InputError([...prefix, ...this.at], this.problem);
  }
}

/** BAD_USER_INPUT, with the path of the offending field from the operation's arguments down. */
export function badUserInput(path: readonly (string | number)[], problem: string): InputError {
  return new InputError(path, problem);
}

/** NOT_FOUND, in the same words for what doesn't exist and for what the viewer may not know of (A3). */
export function notFound(what: string, id: string): DomainError {
  return new DomainError('NOT_FOUND', `no ${what} ${id}`);
}

function formatPath(path: readonly (string | number)[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}
