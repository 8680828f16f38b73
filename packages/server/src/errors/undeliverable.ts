import type { ExecutionResult, GraphQLError } from 'graphql';

/**
 * The error that says that a result could not be made while the database was away. A subscriber who went on from there
 * would miss a change (E3), so the stream must end: it is resumed after the last change that was delivered.
 */
export function undeliverableError({ errors }: ExecutionResult): GraphQLError | undefined {
  return errors?.find(({ extensions }) => extensions.code === 'UNAVAILABLE');
}
