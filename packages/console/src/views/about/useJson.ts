import { useEffect, useState } from 'preact/hooks';
import { asRequestError, RequestError } from '../../data/requestError.ts';

/** A document that was asked for; undefined until it comes. */
export type JsonState<Value> = { readonly value: Value } | { readonly error: RequestError } | undefined;

/**
 * Asks the server for a document beside its API.
 *
 * @param url where it is
 * @param again another value asks again
 */
export function useJson<Value>(url: string, again: unknown): JsonState<Value> {
  const [state, setState] = useState<JsonState<Value>>();
  useEffect(() => {
    const closing = new AbortController();
    const { signal } = closing;
    void again;
    read<Value>(url, signal).then(
      (value) => setState({ value }),
      (thrown: unknown) => signal.aborted || setState({ error: asRequestError(thrown) }),
    );
    return () => closing.abort();
  }, [url, again]);
  return state;
}

async function read<Value>(url: string, signal: AbortSignal): Promise<Value> {
  const response = await fetch(url, { headers: { accept: 'application/json' }, signal });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError('NO_ANSWER', `the answer ${response.status} is no JSON: ${text.slice(0, 200)}`);
  }
}
