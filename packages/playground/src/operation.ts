import { Kind, type OperationDefinitionNode, parse } from 'graphql';

/**
 * The operation that a document is run for: the named one, or else its only one. GraphiQL works out the name a moment
 * after a tab is shown, so a name that the document doesn't have is one of the tab before.
 *
 * @returns null where the server has to say what is wrong
 */
export function operationOf(query: string, name: string | null | undefined): OperationDefinitionNode | null {
  const operations = operationsIn(query);
  const named = operations.find((operation) => operation.name?.value === name);
  if (named) return named;
  return operations.length === 1 ? (operations[0] ?? null) : null;
}

function operationsIn(query: string): OperationDefinitionNode[] {
  try {
    const { definitions } = parse(query, { noLocation: true });
    return definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  } catch {
    return [];
  }
}

/** Whether a subscription can go on after a lost connection where it was: it has a variable `$after`. */
export function takesAfter({ variableDefinitions = [] }: OperationDefinitionNode): boolean {
  return variableDefinitions.some(({ variable }) => variable.name.value === 'after');
}
