import { defaultPageSize } from '@muster/core';
import type { DocumentNode, ExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { tooComplex } from '../errors/refusals.ts';
import { type Cost, costFormula } from './documentCost.ts';
import type { Guard } from './guard.ts';
import type { Charge } from './rateLimiter.ts';

/** How long a list counts as that is no page: nothing says how long it may be. */
const plainListLength = 10;

/**
 * How long a list counts as in introspection, so that the query of tools costs somewhat more than the time that its
 * answer takes: the answer is made in one go, which nothing else can interrupt.
 */
const introspectedLength = 7;

/** The cost of a condition on each row of a table: about what a page of 1,000 values costs, in a table of 10,000 rows. */
const tableScan = 1_000;

/** The cost of a change: of a transaction, and an event. */
export const changeCost = 500;

/** The cost of a bulk change: measured, of some hundred rows; of few of these a credential makes several a second. */
const bulkChangeCost = 50_000;

/** Works out what the operations of valid documents cost. @param maxPageSize the most rows of a page */
export function createCostFormulas(
  schema: GraphQLSchema,
  maxPageSize: number,
): (document: DocumentNode, operation: OperationDefinitionNode) => Cost {
  const lengths = {
    pageSize: Math.min(defaultPageSize, maxPageSize),
    maxPageSize,
    plain: plainListLength,
    introspected: introspectedLength,
    tableScan,
    change: changeCost,
    bulkChange: bulkChangeCost,
  };
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

/** Refuses, with TOO_COMPLEX, a subscription of which one event costs more than `maxCost` (W8). */
export function subscriptionCostLimit(maxCost: number): Guard {
  return {
    stage: 'execution',
    check: ({ kind, cost }) => {
      if (kind !== 'subscription' || cost <= maxCost) return;
      const message = `expected a subscription of which an event costs at most ${maxCost}; got one of ${cost}`;
      throw tooComplex(message, { cost, maxCost });
    },
  };
}

/** The points that the start of a subscription takes, beside its cost. */
const subscriptionStart = 200;

/** Takes an operation's cost, in points, from its credential's budget (W6). */
export function costBudget(budget: Charge): Guard {
  return {
    stage: 'execution',
    check: ({ viewer, kind, cost }) => budget.charge(viewer, kind === 'subscription' ? cost + subscriptionStart : cost),
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
