import type { ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';

/**
 * The error that says that a result could not be told while the database was away. Nobody may go on from there as if
 * the change had been told (E3): its stream ends, and is resumed after the last change that was.
 */
export function untold(errors: readonly GraphQLError[]): GraphQLError | undefined {
  return errors.find(({ extensions }) => extensions.code === 'UNAVAILABLE');
}

/** Ends a stream that yoga serves after the first result that could not be told. */
export function useEndOfUntold(mask: (error: unknown) => GraphQLError): Plugin {
  return {
    onSubscribe: () => ({
      onSubscribeResult: ({ result, setResult }) => {
        if (isAsyncIterable(result)) setResult(untilUntold(result[Symbol.asyncIterator](), mask));
      },
    }),
  };
}

/** No generator: one that waits for its next value can't be ended from outside. */
function untilUntold(
  source: AsyncIterator<ExecutionResult>,
  mask: (error: unknown) => GraphQLError,
): AsyncIterableIterator<ExecutionResult> {
  let over = false;
  const end = async (): Promise<IteratorResult<ExecutionResult>> => {
    over = true;
    await source.return?.();
    return { value: undefined, done: true };
  };
  return {
    next: async () => {
      if (over) return { value: undefined, done: true };
      const next = await source.next();
      if (next.done || !next.value.errors) return next;
      const errors = next.value.errors.map(mask);
      if (untold(errors)) await end();
      return { value: { ...next.value, errors }, done: false };
    },
    return: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
