import type { Document } from './document.ts';
import type { Entities } from './entities.ts';
import { asRequestError, errorOf, type ReceivedError, RequestError } from './requestError.ts';

/** Sends queries and mutations over HTTP. */
export interface Client {
  /**
   * Sends an operation, and brings the objects of its answer to the entities.
   *
   * @param signal aborts it
   * @throws RequestError with the server's code, or NO_ANSWER
   */
  request<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Result>;
}

export interface ClientOptions {
  /** Where GraphQL is answered. */
  readonly url: URL;
  readonly entities: Pick<Entities, 'mergeAll'>;
  /** The value of the header Authorization; undefined for none. */
  authorization(): string | undefined;
  /** Called when the server asks for another credential. */
  onUnauthenticated(error: RequestError): void;
}

interface Answer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly ReceivedError[];
}

export function createClient({ url, entities, authorization, onUnauthenticated }: ClientOptions): Client {
  async function post<Result>(body: string, signal: AbortSignal | undefined): Promise<Answer<Result>> {
    const token = authorization();
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: token }),
      },
      body,
      ...(signal && { signal }),
    });
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new RequestError('NO_ANSWER', `the answer ${response.status} is none of GraphQL: ${text.slice(0, 200)}`);
    }
  }

  return {
    request: async (document, variables, signal) => {
      try {
        const { data, errors } = await post<ReturnType<NonNullable<(typeof document)['result']>>>(
          JSON.stringify({ query: document, variables }),
          signal,
        );
        if (errors?.length || !data) throw errorOf(errors ?? []);
        entities.mergeAll(data);
        return data;
      } catch (thrown) {
        if (signal?.aborted) throw thrown;
        const error = asRequestError(thrown);
        if (error.code === 'UNAUTHENTICATED') onUnauthenticated(error);
        throw error;
      }
    },
  };
}
