import { createClient as createEventClient } from 'graphql-sse';
import { parseAnswer, reasonOf, refusalOf, requireData } from './answer.ts';
import { RequestError } from './requestError.ts';

interface EventStreamOptions {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly document: string;
  readonly variables: unknown;
  readonly silenceMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs a subscription over a connection of server-sent events, and yields the whole data of each event.
 *
 * The library's own iterator waits for ever where the connection ends while its reader is busy; its callbacks don't.
 */
export async function* subscribeToEvents<Data>(options: EventStreamOptions): AsyncGenerator<Data, void> {
  const { url, headers, document, variables, signal } = options;
  const ending = new AbortController();
  const connection = watchConnection(options.silenceMs, ending.signal);
  const client = createEventClient({ url, headers, fetchFn: connection.fetch, retryAttempts: 0 });
  const waiting: Data[] = [];
  let end: { error?: unknown } | undefined;
  let wake = Promise.withResolvers<void>();
  const finish = (error?: unknown) => {
    end ??= error === undefined ? {} : { error };
    wake.resolve();
  };
  const onAbort = () => finish(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  const stop = client.subscribe<Record<string, unknown>>(
    { query: document, variables: variables as Record<string, unknown> },
    {
      next: (result) => {
        try {
          waiting.push(requireData<Data>(result as object, 200));
        } catch (error) {
          finish(error);
        }
        wake.resolve();
      },
      error: (error) => finish(connection.fault() ?? new RequestError('UNREACHABLE', reasonOf(error))),
      complete: () => finish(),
    },
  );
  try {
    signal?.throwIfAborted();
    for (;;) {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield next;
      if (end) break;
      await wake.promise;
      wake = Promise.withResolvers<void>();
    }
    if ('error' in end) throw end.error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop();
    ending.abort();
    connection.close();
  }
}

/**
 * Sees what the library doesn't: an answer that is no event stream, which is the server's refusal, and a connection that is
 * open and silent.
 */
function watchConnection(silenceMs: number, signal: AbortSignal) {
  let fault: RequestError | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function watchedFetch(url: string, init: RequestInit): Promise<Response> {
    const lost = new AbortController();
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        fault = new RequestError('UNREACHABLE', `the connection was silent for ${silenceMs} ms`);
        lost.abort();
      }, silenceMs);
    };
    heard();
    const response = await fetch(url, { ...init, signal: AbortSignal.any([signal, lost.signal]) });
    if (response.headers.get('content-type')?.startsWith('text/event-stream') && response.body) {
      const heardBody = response.body.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform: (chunk, controller) => {
            heard();
            controller.enqueue(chunk);
          },
        }),
      );
      return new Response(heardBody, response);
    }
    fault = refusalOf(parseAnswer(await response.text()), response.status);
    throw fault;
  }

  return { fetch: watchedFetch, fault: () => fault, close: () => clearTimeout(timer) };
}
