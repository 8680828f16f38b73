/** No answer came, or none that a GraphQL server would give: codes of this client's own beside the server's. */
export type TransportCode = 'UNREACHABLE' | 'TIMEOUT' | 'BAD_ANSWER';

/** What may pass by itself; UNAVAILABLE is the server's own word for it. */
const transient: ReadonlySet<string> = new Set<TransportCode | 'UNAVAILABLE'>([
  'UNREACHABLE',
  'TIMEOUT',
  'BAD_ANSWER',
  'UNAVAILABLE',
]);

/** Why a request gave no data. */
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

  /** Whether the same request can succeed later without anybody changing anything. */
  get isTransient(): boolean {
    return transient.has(this.code);
  }
}
