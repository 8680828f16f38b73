import { eventData } from './eventStream.ts';
import { RequestError } from './requestError.ts';

/** A GraphQL document, typed by its variables and its data. */
export interface Operation<Data, Variables> {
  readonly document: string;
  /** Never set; carries the types. */
  readonly types?: (variables: Variables) => Data;
}

/** Creates a typed operation. Nothing checks `Data` against the document, so keep them on neighbouring lines. */
export function operation<Data, Variables = Record<string, never>>(document: string): Operation<Data, Variables> {
  return { document };
}

/** A client of one GraphQL server, over HTTP and server-sent events. */
export interface GraphqlClient {
  readonly url: string;
  /**
   * Runs a query or mutation and resolves with its whole data.
   *
   * @throws RequestError if the server refuses any part, or can't be reached; the signal's reason once aborted
   */
  request<Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Data>;
  /**
   * Runs a subscription over server-sent events; yields the whole data of each event until the server ends it.
   *
   * @throws RequestError if the server refuses, or the connection is lost; the signal's reason once aborted
   */
  subscribe<Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): AsyncGenerator<Data, void>;
}

/** Which server a client speaks to, and with which credential. */
export interface GraphqlClientOptions {
  /** URL of the server's GraphQL endpoint. */
  url: string;
  /** Sent as `Authorization: Bearer`. Default: no credential. */
  token?: string | undefined;
  /** Timeout of a request, including the body of its answer. Default 10,000 ms. Subscriptions have no timeout. */
  timeoutMs?: number;
}

/** Creates a client; it opens no connection before the first request. */
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
      throw new RequestError('UNREACHABLE', reasonOf(error));
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
      return requireData<Data>(text, status);
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
        for await (const data of eventData(response.body)) yield requireData<Data>(data, response.status);
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof RequestError ? error : new RequestError('UNREACHABLE', reasonOf(error));
      }
    },
  };
}

/** @throws RequestError unless the text is a GraphQL answer without errors. */
function requireData<Data>(text: string, status: number): Data {
  const answer = parseAnswer(text);
  // `data: null` without errors isn't a GraphQL answer either.
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

/** Finds why a `fetch` failed: in the error's cause, which has only a code if several addresses were tried. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}
