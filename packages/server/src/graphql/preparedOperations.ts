import { type CompiledRead, createReadCompiler, type SchemaContext } from '@muster/schema';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLInputType,
  type GraphQLNamedType,
  GraphQLScalarType,
  GraphQLSchema,
  getOperationAST,
  isInputType,
  isNonNullType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Coerce, createInputCoercion } from './inputCoercion.ts';

type Values = Readonly<Record<string, unknown>>;

/** An operation of a document that has been asked for before. */
interface KnownOperation {
  /** Throws where a type refuses a value. */
  coerce(given: Values): Values;
  /** The operation alone, with its fragments; its variables come coerced. */
  readonly document: DocumentNode;
  /** What answers it by one statement; null where resolvers must. */
  readonly read: CompiledRead | null;
}

/** A query or a mutation with its variables, which have been found good. */
export interface PreparedOperation {
  /**
   * The text of its data, of a read that one statement can answer; null of any other. Rejects where something is wrong:
   * nothing has been changed, and resolvers find again what it was, and say where.
   */
  readText(context: SchemaContext): Promise<string> | string | null;
  /** By resolvers. */
  execute(given: ExecutionArgs): ExecutionResult | Promise<ExecutionResult>;
}

/** What has been worked out for documents. */
export interface KnownOperations {
  /** Null for what is refused, and for subscriptions. */
  prepare(asked: Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>): PreparedOperation | null;
}

export function createKnownOperations(
  schema: GraphQLSchema,
  { compiledReads }: { compiledReads: boolean },
): KnownOperations {
  const executionSchema = new ExecutionSchema(schema);
  const coercionOf = createInputCoercion();
  const compileRead = compiledReads ? createReadCompiler(schema) : undefined;
  const known = new WeakMap<DocumentNode, Map<string | null | undefined, KnownOperation | null>>();

  function operationOf({
    document,
    operationName,
  }: Pick<ExecutionArgs, 'document' | 'operationName'>): KnownOperation | null {
    const operations = known.get(document) ?? new Map<string | null | undefined, KnownOperation | null>();
    known.set(document, operations);
    const earlier = operations.get(operationName);
    if (earlier !== undefined) return earlier;
    const operation = getOperationAST(document, operationName);
    // A name that the document lacks is not kept: any number of them can be made up.
    if (!operation) return null;
    const made = operation.operation === 'subscription' ? null : know(document, operation);
    operations.set(operationName, made);
    return made;
  }

  function know(document: DocumentNode, operation: OperationDefinitionNode): KnownOperation {
    return {
      coerce: variableCoercion(schema, operation.variableDefinitions ?? [], coercionOf),
      document: withCoercedVariables(document, operation),
      read: compileRead?.(document, operation) ?? null,
    };
  }

  return {
    prepare: (asked) => {
      const operation = operationOf(asked);
      const variableValues = operation && coercedOrNull(operation, asked.variableValues ?? {});
      if (!variableValues) return null;
      return {
        readText: (context) => operation.read?.answer(variableValues, context) ?? null,
        execute: (given) =>
          execute({ ...given, schema: executionSchema, document: operation.document, variableValues }),
      };
    },
  };
}

/**
 * Executes by what is known. Variables that this refuses go the way they would have gone without it, which says what is
 * wrong.
 */
export function useKnownOperations(known: KnownOperations): Plugin {
  return {
    onExecute: ({ executeFn, setExecuteFn }) => {
      setExecuteFn((given: ExecutionArgs) => {
        const prepared = known.prepare(given);
        return prepared ? executePrepared(prepared, given) : executeFn(given);
      });
    },
  };
}

function executePrepared(
  prepared: PreparedOperation,
  given: ExecutionArgs,
): ExecutionResult | Promise<ExecutionResult> {
  const resolve = () => prepared.execute(given);
  const result = (dataText: string) => ({ data: JSON.parse(dataText) });
  const text = prepared.readText(given.contextValue as SchemaContext);
  if (text === null) return resolve();
  return typeof text === 'string' ? result(text) : text.then(result, resolve);
}

function coercedOrNull(operation: KnownOperation, given: Values): Values | null {
  try {
    return operation.coerce(given);
  } catch {
    return null;
  }
}

function variableCoercion(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  coercionOf: (type: GraphQLInputType) => Coerce,
): KnownOperation['coerce'] {
  const variables = definitions.map(({ variable, type: typeNode, defaultValue }) => {
    const type = typeFromAST(schema, typeNode as NamedTypeNode);
    // Validation has seen to it.
    if (!isInputType(type)) throw new Error(`expected $${variable.name.value} to have an input type`);
    return { name: variable.name.value, type, coerce: coercionOf(type), defaultValue };
  });
  return (given) => {
    const coerced: Record<string, unknown> = {};
    for (const { name, type, coerce, defaultValue } of variables) {
      if (Object.hasOwn(given, name)) coerced[name] = coerce(given[name]);
      else if (defaultValue) coerced[name] = valueFromAST(defaultValue, type);
      else if (isNonNullType(type)) throw new TypeError(`expected $${name}`);
    }
    return coerced;
  };
}

/** No text, so that no client can name the type. */
const coercedName = Symbol('coerced') as unknown as string;

/** The type of variables that are coerced already. */
const Coerced = new GraphQLScalarType({ name: 'Coerced', parseValue: (value) => value });

/** The same schema, which also knows `Coerced`, though not by a name that could be asked for. */
class ExecutionSchema extends GraphQLSchema {
  constructor(schema: GraphQLSchema) {
    super({ ...schema.toConfig(), assumeValid: true });
  }

  override getType(name: string): GraphQLNamedType | undefined {
    return name === coercedName ? Coerced : super.getType(name);
  }
}

function withCoercedVariables(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const type: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: coercedName } };
  const variableDefinitions = operation.variableDefinitions?.map(({ kind, variable }) => ({ kind, variable, type }));
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return {
    ...document,
    definitions: [{ ...operation, ...(variableDefinitions && { variableDefinitions }) }, ...fragments],
  };
}
