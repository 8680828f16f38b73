import type { ServerResponse } from 'node:http';

/** The client that waits for an operation, as its front knows it. */
export interface Caller {
  /** Calls `listener` once the client goes, or no longer wants the answer; returns how to stop listening. */
  onGone(listener: () => void): () => void;
  /**
   * Called when the operation's turn has come (W9).
   *
   * @returns what to wait for where the client is to read before it gets another answer; else undefined
   * @throws DomainError where it gets none
   */
  mayStart?(): Promise<void> | undefined;
  /** How long the client itself waits, in milliseconds; absent where it doesn't say. */
  readonly timeoutMs?: number | undefined;
}

/** The client that a response is for. */
export function callerOf(response: ServerResponse): Caller {
  return new HttpCaller(response);
}

class HttpCaller implements Caller {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onGone(listener: () => void): () => void {
    const response = this.#response;
    if (response.destroyed) listener();
    response.once('close', listener);
    return () => void response.off('close', listener);
  }
}
