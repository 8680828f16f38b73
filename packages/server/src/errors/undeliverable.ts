import type { ExecutionResult, GraphQLError } from 'graphql';

/** The codes of results that could not be made, for no fault of the subscription. */
const undeliverable: ReadonlySet<unknown> = new Set(['UNAVAILABLE', 'TIMED_OUT', 'RATE_LIMITED']);

/**
 * The error that says that a result could not be made while the database was away or overloaded. A subscriber who went on from there
 * would miss a change (E3), so the stream must end: it is resumed after the last change that was delivered.
 */
export function undeliverableError({ errors }: ExecutionResult): GraphQLError | undefined {
  return errors?.find(({ extensions }) => undeliverable.has(extensions.code));
}
