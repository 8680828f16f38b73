import {
  coerceInputValue,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  isInputType,
  Kind,
  type TypeNode,
  typeFromAST,
  visit,
} from 'graphql';
import type { AdmittedOperation } from './operation.ts';

type Path = (string | number)[];

// GraphQL itself refuses an input in words only. Here `extensions.path` comes to its errors: the path of the offending
// field, from the operation's arguments or variables down.

/** An operation whose variables were refused. */
type RefusedOperation = Pick<AdmittedOperation, 'document' | 'request'>;

/**
 * Adds paths to the errors of a result without data, in which GraphQL refused the variables: GraphQL has one error for
 * each problem, in the order of the variables. Errors of fields, which have a path already, stay as they are.
 */
export function locateVariables(
  errors: readonly GraphQLError[],
  schema: GraphQLSchema,
  operation: RefusedOperation,
): readonly GraphQLError[] {
  const paths = variablePaths(schema, operation);
  return errors.map((error, i) => {
    const path = error.path ? undefined : paths[i];
    return path ? withPath(error, path) : error;
  });
}

function variablePaths(schema: GraphQLSchema, { document, request }: RefusedOperation): Path[] {
  const paths: Path[] = [];
  const values = request.variables ?? {};
  for (const definition of getOperationAST(document, request.operationName)?.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type as TypeNode as never);
    const given = Object.hasOwn(values, name);
    if (!given && definition.defaultValue) continue;
    if (!isInputType(type)) paths.push([name]);
    else if (values[name] == null && definition.type.kind === Kind.NON_NULL_TYPE) paths.push([name]);
    else if (given) coerceInputValue(values[name], type, (path) => paths.push([name, ...path]));
  }
  return paths;
}

/** Adds paths to the errors in which validation refused literals of a document. */
export function locateLiterals(errors: readonly GraphQLError[], document: DocumentNode): readonly GraphQLError[] {
  return errors.map((error) => {
    const path = literalPath(document, error);
    return path.length > 0 ? withPath(error, path) : error;
  });
}

/** Where in the document's arguments a literal lies that validation refused. */
function literalPath(document: DocumentNode, error: GraphQLError): Path {
  const [target] = error.nodes ?? [];
  if (!target) return [];
  const path: Path = [];
  let found: Path = [];
  visit(document, {
    enter: (node, key, parent) => {
      const inList = Array.isArray(parent) && typeof key === 'number' && !('name' in node);
      if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) path.push(node.name.value);
      else if (inList && path.length > 0) path.push(key);
      if (node === target) found = [...path];
    },
    leave: (node, key, parent) => {
      const inList = Array.isArray(parent) && typeof key === 'number' && !('name' in node);
      if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD || (inList && path.length > 0)) path.pop();
    },
  });
  return found;
}

function withPath(error: GraphQLError, path: Path): GraphQLError {
  return new GraphQLError(error.message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    ...(error.source ? { source: error.source } : {}),
    ...(error.positions ? { positions: error.positions } : {}),
    ...(error.path ? { path: error.path } : {}),
    extensions: { ...error.extensions, path },
  });
}
