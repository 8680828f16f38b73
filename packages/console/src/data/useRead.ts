import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import type { Document } from './document.ts';
import { onMove } from './onMove.ts';
import { asRequestError, type RequestError } from './requestError.ts';

export type ReadState<Result> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'error'; readonly error: RequestError }
  /** The last answer; `error` is of a later attempt. */
  | { readonly kind: 'ready'; readonly result: Result; readonly error: RequestError | null };

/** The answer to a query, and a way to ask again. */
export interface Read<Result> {
  readonly state: ReadonlySignal<ReadState<Result>>;
  refresh(): void;
}

const retryMs = 5_000;

/**
 * Asks a query while a view is shown.
 *
 * @param variables others begin anew; they are compared as JSON
 * @param tick asks again whenever it moves, as `useChangeTick` does
 */
export function useRead<Result, Variables>(
  document: Document<Result, Variables>,
  variables: Variables,
  tick?: ReadonlySignal<unknown>,
): Read<Result> {
  const { client } = useServices();
  const key = JSON.stringify(variables);
  // Equal variables are the same, whatever object they come in.
  const read = useMemo(
    () => openRead((aborted) => client.request(document, variables, aborted)),
    [client, document, key],
  );
  useEffect(() => read.close, [read]);
  useEffect(() => tick && onMove(tick, read.refresh), [tick, read]);
  return read;
}

function openRead<Result>(ask: (aborted: AbortSignal) => Promise<Result>): Read<Result> & { close(): void } {
  const state = signal<ReadState<Result>>({ kind: 'loading' });
  const closing = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  let isStale = false;

  async function refresh(): Promise<void> {
    if (isAsking) {
      isStale = true;
      return;
    }
    clearTimeout(timer);
    isAsking = true;
    try {
      const result = await ask(closing.signal);
      if (!closing.signal.aborted) state.value = { kind: 'ready', result, error: null };
    } catch (thrown) {
      if (!closing.signal.aborted) failed(asRequestError(thrown));
    }
    isAsking = false;
    if (isStale && !closing.signal.aborted) {
      isStale = false;
      void refresh();
    }
  }

  function failed(error: RequestError): void {
    const before = state.peek();
    state.value = before.kind === 'ready' ? { ...before, error } : { kind: 'error', error };
    if (!['BAD_USER_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED', 'NOT_FOUND'].includes(error.code)) {
      timer = setTimeout(() => void refresh(), retryMs);
    }
  }

  void refresh();
  return {
    state,
    refresh: () => void refresh(),
    close: () => {
      closing.abort();
      clearTimeout(timer);
    },
  };
}
