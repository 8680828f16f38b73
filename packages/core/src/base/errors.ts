/** The closed set of error codes (domain.md, "Errors"): in GraphQL's `extensions.code`, REST's body and gRPC's status. */
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
  'LIMIT',
  'TIMED_OUT',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;

/** One of the error codes. */
export type ErrorCode = (typeof errorCodes)[number];

/**
 * An error that its caller may read: the message says what was expected and what came, `details` holds values for
 * programs (never an internal error's text). Any other error that is thrown is an INTERNAL_SERVER_ERROR.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  /** The subject whose attempt was refused, for the log; never sent to the caller. */
  readonly subject: string | null;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}, subject: string | null = null) {
    super(message);
    this.code = code;
    this.details = details;
    this.subject = subject;
  }
}

/** An answer that is larger than it may be. */
interface LargeAnswer {
  /** The thing that was measured. Default: the answer. */
  readonly what?: 'an answer' | 'rows for one answer';
  readonly maxBytes: number;
  /** Absent where the size is not known. */
  readonly bytes?: number | undefined;
  /** Whether the operation was a mutation, which has been done. */
  readonly isDone?: boolean;
}

/** TOO_COMPLEX: an answer of more bytes than one may have (W3). */
export class AnswerTooLargeError extends DomainError {
  constructor(
    viewer: { readonly subject: string } | null,
    { what = 'an answer', maxBytes, bytes, isDone = false }: LargeAnswer,
  ) {
    const came = bytes === undefined ? 'more' : `${bytes}`;
    const outcome = isDone
      ? 'the operation was done, and its answer left out'
      : 'ask for fewer rows or fields at a time';
    const message = `expected ${what} of at most ${maxBytes} bytes; got ${came}: ${outcome}`;
    super('TOO_COMPLEX', message, { maxBytes, ...(bytes === undefined ? {} : { bytes }) }, viewer?.subject ?? null);
  }
}

/** FORBIDDEN: the problem says what the viewer may not do. */
export function forbidden(viewer: { readonly subject: string }, problem: string): DomainError {
  return new DomainError('FORBIDDEN', problem, {}, viewer.subject);
}

/** LIMIT: the domain has as many supervisors as it may have (A8). */
export function supervisorLimit(domainId: string, limit: number): DomainError {
  return new DomainError('LIMIT', `expected at most ${limit} supervisors in domain ${domainId}`, {
    quota: 'supervisors',
    limit,
  });
}

/** UNAUTHENTICATED: what was expected of the credential, and what is wrong with the one that came. */
export function unauthenticated(problem: string): DomainError {
  return new DomainError('UNAUTHENTICATED', problem);
}

/** BAD_USER_INPUT: the problem, and the path of the input that has it. */
export class InputError extends DomainError {
  // Not called `path`: graphql-js takes an error with a `path` for a located error.
  readonly at: readonly (string | number)[];
  readonly problem: string;

  constructor(path: readonly (string | number)[], problem: string) {
    super('BAD_USER_INPUT', `${formatPath(path)}: ${problem}`, { path });
    this.at = path;
    this.problem = problem;
  }

  /** The same error for input that lies under `prefix` in a larger one. */
  under(...prefix: readonly (string | number)[]): InputError {
    return new InputError([...prefix, ...this.at], this.problem);
  }
}

/** BAD_USER_INPUT, with the path of the offending field from the operation's arguments down. */
export function badUserInput(path: readonly (string | number)[], problem: string): InputError {
  return new InputError(path, problem);
}

/** NOT_FOUND, in the same words for a thing that doesn't exist and for one that the viewer may not know of (A3). */
export function notFound(what: string, id: string): DomainError {
  return new DomainError('NOT_FOUND', `no ${what} ${id}`);
}

/** A path as refusals write it: `input.labels.list[0]`. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}
