import type { Viewer } from '@muster/core';
import { type DocumentNode, getOperationAST, Kind, visit } from 'graphql';

/** A subscription, as far as it decides which group it belongs to. */
export interface GroupedOperation {
  readonly viewer: Pick<Viewer, 'role' | 'domainId'>;
  /** The document's text. */
  readonly text: string;
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  /** The cost that each result reports; null for none. */
  readonly cost: number | null;
}

/**
 * The key of a subscription's group: the viewer's access, the cost, the document, and the variables without the one
 * that only says where to start.
 */
export function groupKey({ viewer, text, document, operationName, variables, cost }: GroupedOperation): string {
  const startVariable = findStartVariable(document, operationName);
  const entries = Object.entries(variables ?? {}).filter(([name]) => name !== startVariable);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([cost, accessKey(viewer), text, operationName ?? null, entries]);
}

/** The part of a viewer that decides what is seen. */
export function accessKey({ role, domainId }: Pick<Viewer, 'role' | 'domainId'>): string {
  return JSON.stringify([role, domainId]);
}

/** The variable that is passed to the subscription's `after` and to nothing else. */
function findStartVariable(document: DocumentNode, operationName: string | null | undefined): string | undefined {
  const uses = new Map<string, number>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void uses.set(name.value, (uses.get(name.value) ?? 0) + 1),
  });
  const [root] = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
  const after = root?.kind === Kind.FIELD ? root.arguments?.find(({ name }) => name.value === 'after') : undefined;
  if (after?.value.kind !== Kind.VARIABLE) return undefined;
  const name = after.value.name.value;
  return uses.get(name) === 1 ? name : undefined;
}
