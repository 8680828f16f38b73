import type { ExecutionResult } from 'graphql';
import { resultOf } from '../graphql/answer.ts';
import type { AdmittedOperation, Answer } from '../graphql/operation.ts';
import type { Caller } from '../limits/caller.ts';
import type { WebSocketWriter } from '../live/socketWriter.ts';

/**
 * Answers a query or a mutation on a socket. An answer that takes time is an iterator of one result: graphql-ws ends it when
 * the client completes the operation, or when the socket closes, and that stops the operation's work.
 */
export function answerOnSocket(
  operation: Pick<AdmittedOperation, 'answer'>,
  writer: Pick<WebSocketWriter, 'caughtUp'>,
): ExecutionResult | Promise<ExecutionResult> | AsyncIterableIterator<ExecutionResult> {
  const caller = new SocketCaller(writer);
  const answer = operation.answer(caller);
  return answer instanceof Promise ? new SingleResult(answer, caller) : resultOf(answer);
}

class SocketCaller implements Caller {
  readonly #writer: Pick<WebSocketWriter, 'caughtUp'>;
  #listener: (() => void) | undefined;
  #isGone = false;

  constructor(writer: Pick<WebSocketWriter, 'caughtUp'>) {
    this.#writer = writer;
  }

  mayStart(): Promise<void> | undefined {
    return this.#writer.caughtUp();
  }

  onGone(listener: () => void): () => void {
    this.#listener = listener;
    if (this.#isGone) listener();
    return () => {
      this.#listener = undefined;
    };
  }

  leave(): void {
    this.#isGone = true;
    this.#listener?.();
  }
}

class SingleResult implements AsyncIterableIterator<ExecutionResult> {
  readonly #answer: Promise<Answer>;
  readonly #caller: SocketCaller;
  #isTaken = false;

  constructor(answer: Promise<Answer>, caller: SocketCaller) {
    this.#answer = answer;
    this.#caller = caller;
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#isTaken) return { value: undefined, done: true };
    this.#isTaken = true;
    return { value: await resultOf(await this.#answer), done: false };
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#isTaken = true;
    this.#caller.leave();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
