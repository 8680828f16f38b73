import type { Viewer } from '@muster/core';
import type { DocumentNode, ExecutionResult, GraphQLError, OperationTypeNode } from 'graphql';
import type { Caller } from '../limits/caller.ts';
import type { SharedOperation } from '../live/sharedOperation.ts';

/** An operation as a client asks for it, by the parameters that every front has. */
export interface OperationRequest {
  /** The document's text; absent, null or empty where an id names the document. */
  readonly query?: string | null | undefined;
  /** The id of a persisted operation. `extensions.persistedQuery` may have the id, too. */
  readonly documentId?: string | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The HTTP request that an operation came with, or over whose WebSocket it came. */
export interface Carrier {
  /** Absent for a WebSocket. */
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A query's data as the text that the database wrote, and the cost to report beside it; null where nobody asked. */
export interface DataText {
  readonly dataText: string;
  readonly cost: number | null;
}

/** A query's or mutation's answer, with masked errors. */
export type Answer = ExecutionResult | DataText;

/**
 * An operation that isn't executed, and why. `document` and `kind` are null where the document has no such operation or
 * isn't valid; else the document is valid, and only this operation of it was refused.
 */
export type Refusal = {
  /** Masked; `extensions.http` holds the HTTP status that fits the error. */
  readonly errors: readonly GraphQLError[];
} & (
  | { readonly document: null; readonly kind: null }
  | { readonly document: DocumentNode; readonly kind: `${OperationTypeNode}` }
);

/** An operation that may be executed, once, by the way that fits its kind. */
export interface AdmittedOperation extends SharedOperation {
  /** With the document's text, also where an id named the document. */
  readonly request: OperationRequest & { readonly query: string };
  readonly kind: `${OperationTypeNode}`;
  /** Executes a query or a mutation, at once where no wait is needed. Throws and rejects with nothing. */
  answer(caller: Caller): Answer | Promise<Answer>;
}

/** The one way to an operation's execution. */
export interface Pipeline {
  /**
   * Finds or parses, and validates, an operation, and holds it against every limit. Nothing has been executed when this returns.
   * An admitted operation's cost has been charged to its viewer.
   */
  admit(viewer: Viewer, request: OperationRequest, carrier: Carrier): AdmittedOperation | Refusal;
}
