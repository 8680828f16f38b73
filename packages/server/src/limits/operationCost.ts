import { defaultPageSize, type Viewer } from '@muster/core';
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { costFormula } from './documentCost.ts';
import type { RequestRate } from './rateLimiter.ts';
import { tooComplex } from './tooComplex.ts';

/** For so much cost, a request counts as one more (requestRate.ts). */
const costPerRequest = 1_000;

/** How long a list counts as that is no page: nothing says how long it may be. */
const plainListLength = 10;

export interface CostedOperation {
  document: DocumentNode;
  operationName?: string | null | undefined;
  variableValues?: unknown;
}

/** What operations cost, and whether that is too much. */
export interface OperationCosts {
  /**
   * Lets an operation be executed, and takes its cost from its viewer's request rate.
   *
   * @returns its cost
   * @throws DomainError TOO_COMPLEX, before anything was taken
   */
  admit(viewer: Viewer, operation: CostedOperation): number;
}

export interface OperationCostsOptions {
  schema: GraphQLSchema;
  /** The most that one operation may cost. */
  maxCost: number;
  /** The most rows that a page may have. */
  maxPageSize: number;
  rate: Pick<RequestRate, 'spend'>;
}

type Formula = ReturnType<typeof costFormula>;

export function createOperationCosts({ schema, maxCost, maxPageSize, rate }: OperationCostsOptions): OperationCosts {
  const lengths = { pageSize: Math.min(defaultPageSize, maxPageSize), maxPageSize, plain: plainListLength };
  const known = new WeakMap<DocumentNode, Map<string | null | undefined, Formula>>();

  function formulaOf({ document, operationName }: CostedOperation): Formula | null {
    const formulas = known.get(document) ?? new Map<string | null | undefined, Formula>();
    known.set(document, formulas);
    const earlier = formulas.get(operationName);
    if (earlier) return earlier;
    const operation = getOperationAST(document, operationName);
    // Execution says that it is missing.
    if (!operation) return null;
    const formula = costFormula({ schema, document, operation, lengths });
    formulas.set(operationName, formula);
    return formula;
  }

  return {
    admit: (viewer, operation) => {
      const cost = formulaOf(operation)?.((operation.variableValues ?? {}) as Record<string, unknown>) ?? 0;
      if (cost > maxCost) {
        throw tooComplex(`expected an operation of a cost of at most ${maxCost}; got one of ${cost}`, {
          cost,
          maxCost,
        });
      }
      if (cost >= costPerRequest) rate.spend(viewer, Math.floor(cost / costPerRequest));
      return cost;
    },
  };
}

/** The header by which a request asks to be told its cost. */
export const costHeader = 'x-muster-cost';

/** What of a request tells whether its cost is to be told. */
export interface CostAsker {
  req?: { headers: Readonly<Record<string, unknown>> };
  params?: { extensions?: unknown };
}

/** Whether a request asks to be told its cost: by the header `x-muster-cost: 1`, or `extensions: {"cost": true}`. */
export function asksForCost({ req, params }: CostAsker): boolean {
  const extensions = params?.extensions;
  const byParameters =
    typeof extensions === 'object' && extensions !== null && 'cost' in extensions && extensions.cost === true;
  return byParameters || req?.headers[costHeader] === '1';
}

/** A result that tells what it cost. */
export function withCost<Result extends ExecutionResult>(result: Result, cost: number): Result {
  return { ...result, extensions: { ...result.extensions, cost } };
}

type CostContext = CostAsker & { viewer: Viewer };

interface Stage {
  args: { document: DocumentNode; operationName?: string | null; variableValues?: unknown; contextValue?: unknown };
  setResultAndStopExecution(result: ExecutionResult): void;
}

/** Admits what yoga's engine executes, and tells the cost where that is asked for. */
export function useOperationCost(costs: OperationCosts, mask: (error: unknown) => GraphQLError): Plugin {
  /** What the result is to tell; null for nothing. */
  function toTell({ args, setResultAndStopExecution }: Stage): number | null {
    const context = args.contextValue as CostContext;
    try {
      const cost = costs.admit(context.viewer, args);
      return asksForCost(context) ? cost : null;
    } catch (error) {
      setResultAndStopExecution({ errors: [mask(error)] });
      return null;
    }
  }

  return {
    onExecute: (stage) => {
      const cost = toTell(stage as Stage);
      if (cost === null) return;
      return {
        onExecuteDone: ({ result, setResult }) => {
          if (!isAsyncIterable(result)) setResult(withCost(result as ExecutionResult, cost));
        },
      };
    },
    onSubscribe: (stage) => {
      const cost = toTell(stage as Stage);
      if (cost === null) return;
      return {
        onSubscribeResult: () => ({
          onNext: ({ result, setResult }) => setResult(withCost(result as ExecutionResult, cost)),
        }),
      };
    },
  };
}
