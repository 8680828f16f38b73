import { parseAnswer, reasonOf, requireData } from './answer.ts';
import { subscribeToEvents } from './eventStream.ts';
import type { TypedDocumentString } from './generated/graphql.ts';
import { RequestError } from './requestError.ts';

/** The data of a mutation that was not refused: each of its fields is there. */
export type MutationData<Data> = { readonly [Field in keyof Data]: NonNullable<Data[Field]> };

/** A client of one server, over HTTP and server-sent events. */
export interface MusterClient {
  /** The server's GraphQL endpoint. */
  readonly url: string;
  /**
   * Runs a query and resolves with its whole data.
   *
   * @throws RequestError if the server refuses any part, or can't be reached; the signal's reason once aborted
   */
  query<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Data>;
  /** Runs a mutation: as `query`, but the API has a field null only beside an error, so the data has all of them. */
  mutate<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<MutationData<Data>>;
  /**
   * Runs a subscription; yields the whole data of each event until the server ends it.
   *
   * @throws RequestError if the server refuses, or the connection is lost or silent; the signal's reason once aborted
   */
  subscribe<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): AsyncGenerator<Data, void>;
}

/** The server that a client speaks to, and the credential. */
export interface MusterClientOptions {
  /** URL of the server's GraphQL endpoint. */
  url: string;
  /** Sent as `Authorization: Bearer`; a function is asked before each request. Default: no credential. */
  token?: string | (() => string | undefined) | undefined;
  /** Timeout of a request, including the body of its answer. Default 10,000 ms. */
  timeoutMs?: number;
  /** Silence after which a subscription's connection counts as lost. The server sends a comment each 12 s. Default 40,000 ms. */
  silenceMs?: number;
}

/** Creates a client; it opens no connection before the first request. */
export function createClient(options: MusterClientOptions): MusterClient {
  const { url, timeoutMs = 10_000, silenceMs = 40_000 } = options;

  const headers = (): Record<string, string> => {
    const token = typeof options.token === 'function' ? options.token() : options.token;
    return {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  };

  async function send(body: string, signal: AbortSignal | undefined): Promise<{ status: number; text: string }> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: headers(),
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

  async function query<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Data> {
    const { status, text } = await send(JSON.stringify({ query: document.toString(), variables }), signal);
    return requireData<Data>(parseAnswer(text), status);
  }

  return {
    url,
    query,
    mutate: (document, variables, signal) => query(document, variables, signal) as Promise<never>,
    subscribe: (document, variables, signal) =>
      subscribeToEvents({ url, headers: headers(), silenceMs, document: document.toString(), variables, signal }),
  };
}
