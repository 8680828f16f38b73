import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  type OperationDefinitionNode,
  TypeInfo,
  type VariableNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Variables } from './inputCoercion.ts';
import { type Path, pathsOf } from './inputErrorPaths.ts';

/** A variable that is part of a literal of JSON, as in `{env: $env}`. */
export interface JsonVariable {
  readonly node: VariableNode;
  /** Where it stands, from the argument down. */
  readonly path: Path;
}

/**
 * Finds the operation's variables that are parts of literals of JSON. GraphQL has no rule for one that is left out there,
 * and what it makes of a refusal says not where.
 */
export function findJsonVariables(
  schema: GraphQLSchema,
  document: DocumentNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
): readonly JsonVariable[] {
  if (variableDefinitions.length === 0) return [];
  const found: VariableNode[] = [];
  const types = new TypeInfo(schema);
  const findIn = visitWithTypeInfo(types, {
    ObjectValue: (node) => {
      if (!isLeafType(getNamedType(types.getInputType()))) return undefined;
      visit(node, { Variable: (variable) => void found.push(variable) });
      return false;
    },
  });
  visit(document, findIn);
  const defined = new Set(variableDefinitions.map(({ variable }) => variable.name.value));
  const paths = pathsOf(document, new Set(found));
  return found.filter(({ name }) => defined.has(name.value)).map((node) => ({ node, path: paths.get(node) ?? [] }));
}

/** @throws GraphQLError for one of them that was left out: what it is part of would lose a key */
export function requireJsonVariables(found: readonly JsonVariable[], variables: Variables): void {
  for (const { node, path } of found) {
    const name = node.name.value;
    if (Object.hasOwn(variables, name)) continue;
    const extensions = { path, http: { status: 400 } };
    throw new GraphQLError(`expected a value for $${name}, which is part of JSON; got none`, {
      nodes: node,
      extensions,
    });
  }
}
