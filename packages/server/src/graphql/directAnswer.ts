import type { Core, Viewer } from '@muster/core';
import { createContext, type SchemaContext } from '@muster/schema';
import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import type { OperationCosts } from '../limits/operationCost.ts';
import { refuseDeep } from '../limits/textLimits.ts';
import type { KnownDocuments } from './documentCache.ts';
import type { KnownOperations, PreparedOperation } from './preparedOperations.ts';

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
export type DirectAnswer = (viewer: Viewer, asked: Asked) => Promise<DirectResult> | DirectResult | null;

/** A result, or the text of all that it has: its data. */
export type DirectResult = ExecutionResult | { readonly dataText: string };

export interface DirectAnswerOptions {
  schema: GraphQLSchema;
  core: Core;
  documents: KnownDocuments;
  operations: KnownOperations;
  costs: OperationCosts;
  mask(error: unknown): GraphQLError;
}

interface Admitted {
  readonly document: DocumentNode;
  readonly prepared: PreparedOperation;
}

export function createDirectAnswer(options: DirectAnswerOptions): DirectAnswer {
  const { schema, core, documents, operations, costs, mask } = options;

  /** The operation, once it has been let in. */
  function admitted(viewer: Viewer, asked: Asked): Admitted | null {
    const document = documents.getValid(asked.query);
    if (!document) return null;
    const operation = { document, operationName: asked.operationName, variableValues: asked.variables ?? {} };
    try {
      refuseDeep(operation.variableValues);
      const prepared = operations.prepare(operation);
      if (prepared) costs.admit(viewer, operation);
      return prepared && { document, prepared };
    } catch {
      return null;
    }
  }

  async function answer({ document, prepared }: Admitted, contextValue: SchemaContext, text: Promise<string> | null) {
    if (text) {
      try {
        return { dataText: await text };
      } catch {
        // Resolvers are to say what is wrong.
      }
    }
    const result = await prepared.execute({ schema, document, contextValue });
    return result.errors ? { ...result, errors: result.errors.map(mask) } : result;
  }

  return (viewer, asked) => {
    const found = admitted(viewer, asked);
    if (found === null) return null;
    const context = createContext(core, viewer);
    const text = found.prepared.readText(context);
    return typeof text === 'string' ? { dataText: text } : answer(found, context, text);
  };
}
