import type { Core, Viewer } from '@muster/core';
import { createContext } from '@muster/schema';
import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import type { KnownDocuments } from './knownDocuments.ts';
import type { KnownOperations } from './knownOperations.ts';
import { refuseDeep } from './nestingLimit.ts';
import type { OperationCosts } from './operationCost.ts';

/** A query or mutation, by its parameters. */
export interface Asked {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/**
 * Answers an operation that has been asked for before without yoga's engine, which looks for work to do around every
 * step of every request. The limits that depend on a request, and the masking, are the engine's own.
 *
 * @returns null for what is not known, and for all that is refused: the engine says why. Nothing has been executed, and
 * nothing taken from the viewer's rate, in that case.
 */
export type DirectAnswer = (viewer: Viewer, asked: Asked) => Promise<ExecutionResult | null>;

export interface DirectAnswerOptions {
  schema: GraphQLSchema;
  core: Core;
  documents: KnownDocuments;
  operations: KnownOperations;
  costs: OperationCosts;
  mask(error: unknown): GraphQLError;
}

export function createDirectAnswer(options: DirectAnswerOptions): DirectAnswer {
  const { schema, core, documents, operations, costs, mask } = options;

  /** What executes the operation, once it has been let in. */
  function admitted(viewer: Viewer, asked: Asked) {
    const document = documents.getValid(asked.query);
    if (!document) return null;
    const operation = { document, operationName: asked.operationName, variableValues: asked.variables ?? {} };
    try {
      refuseDeep(operation.variableValues);
      const run = operations.prepare(operation);
      if (run) costs.admit(viewer, operation);
      return run && (() => run({ schema, document, contextValue: createContext(core, viewer) }));
    } catch {
      return null;
    }
  }

  return async (viewer, asked) => {
    const run = admitted(viewer, asked);
    if (run === null) return null;
    const result = await run();
    return result.errors ? { ...result, errors: result.errors.map(mask) } : result;
  };
}
