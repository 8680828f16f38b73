import { RequestError } from './requestError.ts';

/** The answer to an operation, or an event of a subscription. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly AnswerError[];
}

interface AnswerError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * Returns the whole data of an answer.
 *
 * @param status the HTTP status that it came with, for the message
 * @throws RequestError unless it is a GraphQL answer without errors
 */
export function requireData<Data>(answer: Answer | undefined, status: number): Data {
  // `data: null` without errors isn't a GraphQL answer either.
  if (answer?.errors?.[0] || answer?.data == null) throw refusalOf(answer, status);
  return answer.data as Data;
}

/** The error that an answer has; BAD_ANSWER where it is no GraphQL answer. */
export function refusalOf(answer: Answer | undefined, status: number): RequestError {
  const [first] = answer?.errors ?? [];
  return first
    ? new RequestError(codeOf(first), first.message, first.extensions)
    : new RequestError('BAD_ANSWER', `expected a GraphQL answer; got HTTP ${status}`);
}

/** Reads a body; undefined where it is no JSON object. */
export function parseAnswer(text: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(error: AnswerError): string {
  const code = error.extensions?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

/** Finds why a `fetch` failed: in the error's cause, which has only a code if several addresses were tried. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}
