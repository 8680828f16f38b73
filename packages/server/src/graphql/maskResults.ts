import type { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Masks what yoga puts into a reply after execution's own masking: its parsing and validation errors have codes of
 * yoga's. `mask` leaves alone what it has masked before.
 */
export function useClosedCodes(mask: (error: unknown) => GraphQLError): Plugin {
  return {
    onResultProcess: ({ result, setResult }) => {
      if ('errors' in result && result.errors) setResult({ ...result, errors: result.errors.map(mask) });
    },
  };
}
