import { type CompiledRead, createReadCompiler } from '@muster/schema';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationTypeNode } from 'graphql';
import type { OperationLane } from '../limits/admission.ts';
import type { Cost } from '../limits/documentCost.ts';
import { createCostFormulas } from '../limits/operationCost.ts';
import { CoercedSchema, type CoerceVariables, createVariableCoercion, withCoercedVariables } from './inputCoercion.ts';
import { findJsonVariables, type JsonVariable } from './jsonVariables.ts';
import { laneOf } from './operationLane.ts';

/** An operation, with all that is known of it before its variables are. */
export interface PreparedOperation {
  readonly kind: `${OperationTypeNode}`;
  /** The lane of its work. */
  readonly lane: OperationLane;
  readonly coerce: CoerceVariables;
  /** Those that must have a value. */
  readonly jsonVariables: readonly JsonVariable[];
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
    schema: new CoercedSchema(schema),
    prepare: (document, operation) => ({
      kind: operation.operation,
      lane: laneOf(operation),
      coerce: coercionOf(operation.variableDefinitions ?? []),
      jsonVariables: findJsonVariables(schema, document, operation),
      cost: costOf(document, operation),
      read: compileRead(document, operation),
      document: withCoercedVariables(document, operation),
    }),
  };
}
