import type { ExecutionResult } from 'graphql';
import { undeliverableError } from '../errors/undeliverable.ts';

/** The parameters of a stream of results. */
export interface ResultStreamOptions {
  /** Takes the next item of the source. */
  next(): Promise<IteratorResult<unknown>>;
  /** Executes an item of the source. */
  execute(item: unknown): Promise<ExecutionResult>;
  /** The result that says that the source broke. */
  resultOfBreak(error: unknown): ExecutionResult;
  /** Ends the source. */
  end(): Promise<void>;
}

/**
 * The results of a subscription that nobody shares. The stream ends after a result that was undeliverable, and after the
 * one that says that its source broke.
 */
export function streamResults(options: ResultStreamOptions): AsyncIterableIterator<ExecutionResult> {
  return new ResultStream(options);
}

/** No generator: a generator that waits for its next value can't be ended from outside. */
class ResultStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #options: ResultStreamOptions;
  #over = false;

  constructor(options: ResultStreamOptions) {
    this.#options = options;
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#over) return { value: undefined, done: true };
    try {
      const item = await this.#options.next();
      if (item.done) return this.return();
      const value = await this.#options.execute(item.value);
      if (undeliverableError(value)) await this.return();
      return { value, done: false };
    } catch (error) {
      await this.return();
      return { value: this.#options.resultOfBreak(error), done: false };
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#over = true;
    await this.#options.end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
