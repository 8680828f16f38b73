import { type DocumentNode, getOperationAST, Kind, visit } from 'graphql';

/**
 * What tells one group of equal subscriptions from another, but for who may see what: the document and the variables,
 * without the one that only says where to begin.
 */
export function groupKey(
  text: string,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): string {
  const beginning = beginningVariable(document, operationName);
  const entries = Object.entries(variables ?? {}).filter(([name]) => name !== beginning);
  return JSON.stringify([text, operationName ?? null, entries.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The variable that is given to the subscription's `after` and to nothing else. */
function beginningVariable(document: DocumentNode, operationName: string | null | undefined): string | undefined {
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
