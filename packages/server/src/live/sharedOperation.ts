import type { Viewer } from '@muster/core';
import type { SchemaContext } from '@muster/schema';
import type { DocumentNode, ExecutionResult } from 'graphql';

/** An admitted subscription, as the groups need it. */
export interface SharedOperation {
  readonly viewer: Viewer;
  /** The request as the client sent it. */
  readonly request: {
    /** The document's text. */
    readonly query: string;
    readonly operationName?: string | null | undefined;
    readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  };
  readonly document: DocumentNode;
  /** The cost of one event, by the formula in docs/limits.md. */
  readonly cost: number;
  /** The cost to report in each result's extensions; null if the client did not ask for it. */
  readonly reportedCost: number | null;
  /**
   * Opens the subscription's source, whose items are then executed by `executeItem`. Resolves with a result with masked
   * errors if the subscription can't start.
   */
  openSource(context: SchemaContext): Promise<AsyncIterable<unknown> | ExecutionResult>;
  /** The result that says that the subscription ended with an error: about the operation as a whole. */
  resultOfBreak(error: unknown): ExecutionResult;
  /** The result for one item of the source, with masked errors. */
  executeItem(context: SchemaContext, item: unknown): Promise<ExecutionResult>;
}
