import { type CompiledRead, createReadCompiler } from '@muster/schema';
import {
  type DocumentNode,
  type GraphQLNamedType,
  GraphQLScalarType,
  GraphQLSchema,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type OperationTypeNode,
} from 'graphql';
import type { Cost } from '../limits/documentCost.ts';
import { createCostFormulas } from '../limits/operationCost.ts';
import { type CoerceVariables, createVariableCoercion } from './inputCoercion.ts';

/** An operation, with all that is known of it before its variables are. */
export interface PreparedOperation {
  readonly kind: `${OperationTypeNode}`;
  readonly coerce: CoerceVariables;
  readonly cost: Cost;
  /** The statement that answers it; null where resolvers must. */
  readonly read: CompiledRead | null;
  /** The operation alone, with its fragments, for the preparer's `schema`: variables come to it coerced. */
  readonly document: DocumentNode;
}

/** Prepares the operations of valid documents. */
export interface OperationPreparer {
  /** The schema against which prepared documents are executed. */
  readonly schema: GraphQLSchema;
  prepare(document: DocumentNode, operation: OperationDefinitionNode): PreparedOperation;
}

/** The parameters of an operation preparer. */
export interface OperationPreparerOptions {
  schema: GraphQLSchema;
  /** The most rows of a page, by which costs are worked out. */
  maxPageSize: number;
  /** Whether queries are answered by statements made for them, as far as they can be. */
  compiledReads: boolean;
}

/** Makes an operation preparer. */
export function createOperationPreparer(options: OperationPreparerOptions): OperationPreparer {
  const { schema } = options;
  const coercionOf = createVariableCoercion(schema);
  const costOf = createCostFormulas(schema, options.maxPageSize);
  const compileRead = options.compiledReads ? createReadCompiler(schema) : () => null;
  return {
    schema: new ExecutionSchema(schema),
    prepare: (document, operation) => ({
      kind: operation.operation,
      coerce: coercionOf(operation.variableDefinitions ?? []),
      cost: costOf(document, operation),
      read: compileRead(document, operation),
      document: withCoercedVariables(document, operation),
    }),
  };
}

/** No text, so that no client can name the type. */
const coercedName = Symbol('coerced') as unknown as string;

/** The type of variables that are coerced already. */
const Coerced = new GraphQLScalarType({ name: 'Coerced', parseValue: (value) => value });

/** The same schema, which also knows `Coerced`, though not by a name that a client could ask for. */
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
