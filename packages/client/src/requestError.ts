/** Error codes of this client, beside the server's: no answer, a late answer, or an answer that isn't GraphQL. */
export type TransportCode = 'UNREACHABLE' | 'TIMEOUT' | 'BAD_ANSWER';

/** Codes of errors that may pass without a change; UNAVAILABLE is the server's. */
const transient: ReadonlySet<string> = new Set<TransportCode | 'UNAVAILABLE'>([
  'UNREACHABLE',
  'TIMEOUT',
  'BAD_ANSWER',
  'UNAVAILABLE',
]);

/** The reason why a request gave no data. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** The server's `extensions.code`, or a `TransportCode`. */
  readonly code: string;
  /** The server's `extensions`. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.extensions = extensions;
  }

  /** Whether a retry of the same request can succeed. */
  get isTransient(): boolean {
    return transient.has(this.code);
  }
}
