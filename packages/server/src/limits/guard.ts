import type { Viewer } from '@muster/core';
import type { DocumentNode, OperationTypeNode } from 'graphql';

/** An operation that nothing but guards keeps from being executed any more. */
export interface GuardedOperation {
  readonly viewer: Viewer;
  readonly kind: `${OperationTypeNode}`;
  /** By the formula in docs/limits.md. */
  readonly cost: number;
}

/**
 * A limit that every operation must keep to, whatever front it came by: `check` throws a DomainError to refuse. The
 * pipeline asks guards at the stage that they name; those of one stage in the order in which they were given.
 *
 * - `text`: before a document is parsed; not asked about a text whose document is cached.
 * - `document`: before a document is validated; the verdict is cached with the document, for all viewers.
 * - `variables`: before variables are coerced, for each operation.
 * - `execution`: before an operation is executed or subscribed to, for each operation; the last stage.
 */
export type Guard =
  | { readonly stage: 'text'; check(text: string, viewer: Viewer): void }
  | { readonly stage: 'document'; check(document: DocumentNode): void }
  | { readonly stage: 'variables'; check(variables: unknown, viewer: Viewer): void }
  | { readonly stage: 'execution'; check(operation: GuardedOperation): void };

/** The guards of one stage, in their order. */
export function guardsAt<Stage extends Guard['stage']>(
  stage: Stage,
  guards: readonly Guard[],
): readonly Extract<Guard, { stage: Stage }>[] {
  return guards.filter((guard): guard is Extract<Guard, { stage: Stage }> => guard.stage === stage);
}
