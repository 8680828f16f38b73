import { setTimeout as sleep } from 'node:timers/promises';
import type { MusterClient } from './client.ts';
import type { TypedDocumentString } from './generated/graphql.ts';
import { RequestError } from './requestError.ts';
import { retryDelayMs } from './retryDelay.ts';

/** A subscription, and how it goes on after each break. */
export interface FollowSubscriptionOptions<Data, Variables> {
  client: Pick<MusterClient, 'subscribe'>;
  document: TypedDocumentString<Data, Variables>;
  /** The variables of each try, given the cursor to go on behind; undefined at first, and where `cursorOf` gave none. */
  variables: (after: string | undefined) => Variables;
  /** The cursor of an event, to go on behind it. Default: none; then each try begins anew. */
  cursorOf?: (data: Data) => string | undefined;
  /**
   * Whether another try may succeed after this error. Default: where the error may pass by itself, and for a subscriber that
   * was too slow. Any other is thrown, such as CURSOR_EXPIRED.
   */
  retries?: (error: RequestError) => boolean;
  /** Called with each error, before the retry. */
  onError?: (error: RequestError) => void;
  signal: AbortSignal;
  /** Random numbers from 0 up to 1, for jitter. Default `Math.random`. */
  random?: () => number;
}

/**
 * Yields a subscription's events until the signal aborts, over lost connections and restarts of the server: each try comes
 * after a pause that grows up to 30 s, with full jitter, and goes on behind the last cursor, so that no event is lost and none
 * comes twice.
 *
 * @throws RequestError that `retries` doesn't take
 */
export async function* followSubscription<Data, Variables>(
  options: FollowSubscriptionOptions<Data, Variables>,
): AsyncGenerator<Data, void> {
  const { client, document, variables, cursorOf, retries = mayPass, onError, signal, random = Math.random } = options;
  let after: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    let leastMs = 0;
    const events = client.subscribe(document, variables(after), signal);
    try {
      for await (const data of events) {
        failures = 0;
        after = cursorOf?.(data) ?? after;
        yield data;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof RequestError) || !retries(error)) throw error;
      onError?.(error);
      leastMs = retryAfterMsOf(error);
    }
    await sleep(leastMs + retryDelayMs(failures, random), undefined, { signal }).catch(() => {});
    failures += 1;
  }
}

/** The pause that the server asked for at least. */
function retryAfterMsOf({ extensions }: RequestError): number {
  return typeof extensions.retryAfterMs === 'number' ? extensions.retryAfterMs : 0;
}

function mayPass(error: RequestError): boolean {
  return error.isTransient || error.code === 'SLOW_CONSUMER' || error.code === 'RATE_LIMITED';
}
