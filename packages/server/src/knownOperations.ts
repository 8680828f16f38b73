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
import { createTextResult } from './textResult.ts';

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

/** What has been worked out for documents. */
export interface KnownOperations {
  /**
   * What executes a query or a mutation: reads by one statement, as far as that can answer them, and everything else
   * with graphql-js itself. Null where that can't be: for what is refused, and for subscriptions.
   */
  prepare(
    asked: Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>,
  ): ((given: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>) | null;
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
      return (given) => {
        const resolve = () =>
          execute({ ...given, schema: executionSchema, document: operation.document, variableValues });
        const text = operation.read?.answer(variableValues, given.contextValue as SchemaContext);
        // Resolvers find again what was wrong, and say where.
        return text ? text.then(createTextResult, resolve) : resolve();
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
      setExecuteFn((given: ExecutionArgs) => (known.prepare(given) ?? executeFn)(given) as ExecutionResult);
    },
  };
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
