import { eventData } from './eventStream.ts';
import { RequestError } from './requestError.ts';

/** A GraphQL document that knows what it takes and what it gives. */
export interface Operation<Data, Variables> {
  readonly document: string;
  /** Never set: it only carries the types. */
  readonly types?: (variables: Variables) => Data;
}

/** Types a document. Nothing checks `Data` against the document, so the two belong on neighbouring lines. */
export function operation<Data, Variables = Record<string, never>>(document: string): Operation<Data, Variables> {
  return { document };
}

export interface GraphqlClient {
  readonly url: string;
  /**
   * Resolves with the operation's whole data.
   *
   * @throws RequestError when the server refuses any part of it, or can't be reached; the signal's reason once aborted
   */
  request<Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Data>;
  /**
   * The whole data of each event of a subscription, over server-sent events, until the server or the signal ends it.
   *
   * @throws RequestError when the server refuses it, or the connection is lost; the signal's reason once aborted
   */
  subscribe<Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): AsyncGenerator<Data, void>;
}

export interface GraphqlClientOptions {
  /** Where the server's GraphQL endpoint is. */
  url: string;
  /** Sent as `Authorization: Bearer`. Default: no credential. */
  token?: string | undefined;
  /** How long a request may take, its answer's body included. Default 10,000 ms. */
  timeoutMs?: number;
}

export function createGraphqlClient(options: GraphqlClientOptions): GraphqlClient {
  const { url, token, timeoutMs = 10_000 } = options;
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };

  async function send(body: string, signal: AbortSignal | undefined): Promise<{ status: number; text: string }> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      if (timeout.aborted) throw new RequestError('TIMEOUT', `no answer within ${timeoutMs} ms`);
      throw new RequestError('UNREACHABLE', causeOf(error));
    }
  }

  return {
    url,
    request: async <Data, Variables>(
      { document }: Operation<Data, Variables>,
      variables: Variables,
      signal?: AbortSignal,
    ): Promise<Data> => {
      const { status, text } = await send(JSON.stringify({ query: document, variables }), signal);
      return dataOf<Data>(text, status);
    },
    subscribe: async function* <Data, Variables>(
      { document }: Operation<Data, Variables>,
      variables: Variables,
      signal?: AbortSignal,
    ): AsyncGenerator<Data, void> {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { ...headers, accept: 'text/event-stream' },
          body: JSON.stringify({ query: document, variables }),
          ...(signal ? { signal } : {}),
        });
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
        if (!isStream || !response.body) throw refusalIn(await response.text(), response.status);
        for await (const data of eventData(response.body)) yield dataOf<Data>(data, response.status);
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof RequestError ? error : new RequestError('UNREACHABLE', causeOf(error));
      }
    },
  };
}

/** @throws RequestError where it is no answer, or one with an error. */
function dataOf<Data>(text: string, status: number): Data {
  const answer = parseAnswer(text);
  // A data that is null without an error is no GraphQL answer either.
  if (answer?.errors?.[0] || answer?.data == null) throw refusalIn(text, status);
  return answer.data as Data;
}

function refusalIn(text: string, status: number): RequestError {
  const [first] = parseAnswer(text)?.errors ?? [];
  return first
    ? new RequestError(codeOf(first), first.message, first.extensions)
    : new RequestError('BAD_ANSWER', `expected a GraphQL answer; got HTTP ${status}`);
}

interface Answer {
  data?: unknown;
  errors?: readonly GraphqlError[];
}

interface GraphqlError {
  message: string;
  extensions?: Readonly<Record<string, unknown>>;
}

function parseAnswer(text: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(error: GraphqlError): string {
  const code = error.extensions?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

/** `fetch` says only "fetch failed"; why is in its cause, which has no message where several addresses were tried. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}
