/** The codes of errors that come from no server: no answer, or one that isn't GraphQL's. */
type OwnCode = 'NO_ANSWER';

/** A GraphQL error as it arrives. */
export interface ReceivedError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string } & Record<string, unknown>;
}

/** An operation that was refused, or that no answer came to. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** One of the server's codes (docs/errors.md), or NO_ANSWER. */
  readonly code: OwnCode | (string & {});
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.extensions = extensions;
  }
}

/** The first error of a list, as one that can be thrown. */
export function errorOf(errors: readonly ReceivedError[]): RequestError {
  const [first] = errors;
  return new RequestError(
    first?.extensions?.code ?? 'INTERNAL_SERVER_ERROR',
    first?.message ?? 'an error without a message',
    first?.extensions,
  );
}

/** Any thrown value as one that can be shown. */
export function asRequestError(thrown: unknown): RequestError {
  if (thrown instanceof RequestError) return thrown;
  return new RequestError('NO_ANSWER', thrown instanceof Error ? thrown.message : String(thrown));
}

const lasting = ['BAD_USER_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED', 'CURSOR_EXPIRED'];

/** Whether another attempt would meet the same error again. */
export const isLasting = ({ code }: RequestError) => lasting.includes(code);
