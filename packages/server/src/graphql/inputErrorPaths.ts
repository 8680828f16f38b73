import {
  coerceInputValue,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  isInputType,
  Kind,
  type TypeNode,
  typeFromAST,
  visit,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

type Path = (string | number)[];

/**
 * Adds `extensions.path`, the path of the offending field from the operation's arguments or variables down, to the
 * errors in which GraphQL itself refuses an input: it tells them in words only.
 */
export function useInputPaths(): Plugin {
  return {
    onValidate:
      ({ params }) =>
      ({ valid, result, setResult }) => {
        if (valid) return;
        const errors: readonly unknown[] = result;
        setResult(
          errors.map((error) =>
            error instanceof GraphQLError ? atLiteral(params.documentAST, error) : error,
          ) as Error[],
        );
      },
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result, setResult }) => {
        if (isRefusal(result)) setResult(withVariablePaths(result, args));
      },
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: ({ result, setResult }) => {
        if (isRefusal(result)) setResult(withVariablePaths(result, args));
      },
    }),
  };
}

/** A result without data: GraphQL refused the variables, or a field that can't be null failed. */
function isRefusal(result: unknown): result is ExecutionResult & { errors: readonly GraphQLError[] } {
  if (typeof result !== 'object' || result === null) return false;
  return 'errors' in result && !('data' in result && result.data);
}

interface ExecutionInput {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variableValues?: unknown;
}

/** GraphQL tells one error for each problem, in the order of the variables; so does this. */
export function withVariablePaths(result: ExecutionResult, args: ExecutionInput): ExecutionResult {
  const paths = variablePaths(args);
  return {
    ...result,
    errors: (result.errors ?? []).map((error, i) => {
      const path = error.path ? undefined : paths[i];
      return path ? withPath(error, path) : error;
    }),
  };
}

function variablePaths({ schema, document, operationName, variableValues }: ExecutionInput): Path[] {
  const paths: Path[] = [];
  const values = (variableValues ?? {}) as Record<string, unknown>;
  for (const definition of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
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

function atLiteral(document: DocumentNode, error: GraphQLError): GraphQLError {
  const path = literalPath(document, error);
  return path.length > 0 ? withPath(error, path) : error;
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
