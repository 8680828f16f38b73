import { defaultPageSize } from '@muster/core';
import type { DocumentNode, ExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { tooComplex } from '../errors/refusals.ts';
import { type Cost, costFormula } from './documentCost.ts';
import type { Guard } from './guard.ts';
import type { RateLimiter } from './rateLimiter.ts';

/** For so much cost, a request counts as one more. */
const costPerRequest = 1_000;

/** How long a list counts as that is no page: nothing says how long it may be. */
const plainListLength = 10;

/** Works out what the operations of valid documents cost. @param maxPageSize the most rows of a page */
export function createCostFormulas(
  schema: GraphQLSchema,
  maxPageSize: number,
): (document: DocumentNode, operation: OperationDefinitionNode) => Cost {
  const lengths = { pageSize: Math.min(defaultPageSize, maxPageSize), maxPageSize, plain: plainListLength };
  return (document, operation) => costFormula({ schema, document, operation, lengths });
}

/** Refuses, with TOO_COMPLEX, an operation that costs more than `maxCost`. */
export function costLimit(maxCost: number): Guard {
  return {
    stage: 'execution',
    check: ({ cost }) => {
      if (cost <= maxCost) return;
      throw tooComplex(`expected an operation of a cost of at most ${maxCost}; got one of ${cost}`, { cost, maxCost });
    },
  };
}

/** Charges an operation's cost to its credential's request rate, beside the token that its request consumed. */
export function costBudget(rateLimiter: Pick<RateLimiter, 'charge'>): Guard {
  return {
    stage: 'execution',
    check: ({ viewer, cost }) => {
      if (cost >= costPerRequest) rateLimiter.charge(viewer, Math.floor(cost / costPerRequest));
    },
  };
}

/** The header by which a request asks for its cost. */
export const costHeader = 'x-muster-cost';

/** Whether a request asks for its cost: by the header `x-muster-cost: 1`, or `extensions: {"cost": true}`. */
export function asksForCost(
  { extensions }: { readonly extensions?: Readonly<Record<string, unknown>> | null | undefined },
  { headers }: { readonly headers: Readonly<Record<string, unknown>> },
): boolean {
  return extensions?.cost === true || headers[costHeader] === '1';
}

/** A result that reports its operation's cost. */
export function withCost(result: ExecutionResult, cost: number): ExecutionResult {
  return { ...result, extensions: { ...result.extensions, cost } };
}
