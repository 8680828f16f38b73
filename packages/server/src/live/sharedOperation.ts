import type { Viewer } from '@muster/core';
import type { SchemaContext } from '@muster/schema';
import type { DocumentNode, ExecutionResult } from 'graphql';

/** A subscription that may be executed, as far as those who share it need to know it. */
export interface SharedOperation {
  readonly viewer: Viewer;
  /** As the client sent it. */
  readonly request: {
    /** The document's text. */
    readonly query: string;
    readonly operationName?: string | null | undefined;
    readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  };
  readonly document: DocumentNode;
  /** The cost that each result reports in its extensions; null where nobody asked for it. */
  readonly reportedCost: number | null;
  /**
   * Opens the subscription's source alone, whose items are then executed by `executeItem`. Resolves with a result, whose
   * errors are masked, where the subscription can't begin.
   */
  openSource(context: SchemaContext): Promise<AsyncIterable<unknown> | ExecutionResult>;
  /** The result for an item of the source, with masked errors. */
  executeItem(context: SchemaContext, item: unknown): Promise<ExecutionResult>;
}
