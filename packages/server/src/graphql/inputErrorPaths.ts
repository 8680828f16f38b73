import {
  type ASTNode,
  BREAK,
  coerceInputValue,
  type DocumentNode,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getOperationAST,
  isInputType,
  Kind,
  type TypeNode,
  typeFromAST,
  visit,
} from 'graphql';
import type { AdmittedOperation } from './operation.ts';

/** Where an input lies. */
export type Path = (string | number)[];

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
  const paths = variablePaths(schema, operation, errors.length);
  return errors.map((error, i) => {
    const path = error.path ? undefined : paths[i];
    return path ? withPath(error, path) : error;
  });
}

/** The paths of the first `most` problems. */
function variablePaths(schema: GraphQLSchema, { document, request }: RefusedOperation, most: number): Path[] {
  const paths: Path[] = [];
  const values = request.variables ?? {};
  for (const definition of getOperationAST(document, request.operationName)?.variableDefinitions ?? []) {
    if (paths.length >= most) break;
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type as TypeNode as never);
    const given = Object.hasOwn(values, name);
    if (!given && definition.defaultValue) continue;
    if (!isInputType(type)) paths.push([name]);
    else if (values[name] == null && definition.type.kind === Kind.NON_NULL_TYPE) paths.push([name]);
    else if (given) paths.push(...problemsIn(values[name], type, most - paths.length).map((path) => [name, ...path]));
  }
  return paths;
}

/** The paths of the first `most` problems of a value. GraphQL makes an error of each, which takes long. */
function problemsIn(value: unknown, type: GraphQLInputType, most: number): Path[] {
  const paths: Path[] = [];
  const enough = new Error('enough problems');
  try {
    coerceInputValue(value, type, (path) => {
      paths.push([...path]);
      if (paths.length >= most) throw enough;
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  return paths;
}

/** Adds paths to the errors in which validation refused literals of a document. */
export function locateLiterals(
  errors: readonly GraphQLError[],
  document: DocumentNode,
  onVisit: () => void = () => {},
): readonly GraphQLError[] {
  const paths = pathsOf(document, new Set(errors.flatMap(({ nodes }) => nodes?.[0] ?? [])), onVisit);
  return errors.map((error) => {
    const [target] = error.nodes ?? [];
    const path = target && paths.get(target);
    return path ? withPath(error, path) : error;
  });
}

/** Where in the document's arguments the wanted nodes lie; those that lie elsewhere are left out. One walk finds all. */
export function pathsOf(
  document: DocumentNode,
  targets: Set<ASTNode>,
  onVisit: () => void = () => {},
): Map<ASTNode, Path> {
  const paths = new Map<ASTNode, Path>();
  const path: Path = [];
  if (targets.size === 0) return paths;
  visit(document, {
    enter: (node, key) => {
      onVisit();
      if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) path.push(node.name.value);
      else if (typeof key === 'number' && path.length > 0) path.push(key);
      if (!targets.delete(node)) return undefined;
      if (path.length > 0) paths.set(node, [...path]);
      return targets.size === 0 ? BREAK : undefined;
    },
    leave: (node, key) => {
      const isInList = typeof key === 'number' && path.length > 0;
      if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD || isInList) path.pop();
    },
  });
  return paths;
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
