import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  OverlappingFieldsCanBeMergedRule,
  specifiedRules,
  type ValidationContext,
  validate,
} from 'graphql';
import { tooManyComparisons } from '../limits/documentLimits.ts';
import { locateLiterals } from './inputErrorPaths.ts';

/** The message of graphql-js (16) where comparing a document's fields with each other takes more than it is ready to do. */
const abandoned = 'Validation aborted.';

/** The parameters of the validation of documents. */
export interface ValidationOptions {
  schema: GraphQLSchema;
  /** Whether clients may ask for the schema; if not, no message suggests a name of it either. */
  introspection: boolean;
  /** After this number of mistakes no further ones are looked for. */
  maxErrors: number;
}

/**
 * Makes the validation of documents. Fields are compared with each other last, and not at all where a document has another
 * mistake: the comparison takes all fields at once, before any limit on mistakes can end it (W7).
 */
export function createValidation({
  schema,
  introspection,
  maxErrors,
}: ValidationOptions): (document: DocumentNode) => readonly Error[] {
  const others = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);
  const rules = introspection ? others : [...others, NoSchemaIntrospectionCustomRule, noSubgraphSdl];
  return (document) => {
    const options = { maxErrors, hideSuggestions: !introspection };
    const mistakes = validate(schema, document, rules, options);
    const errors =
      mistakes.length > 0 ? mistakes : validate(schema, document, [OverlappingFieldsCanBeMergedRule], options);
    if (errors.some(({ message }) => message === abandoned)) {
      return [tooManyComparisons()];
    }
    return locateLiterals(errors, document).map(asInvalidDocument);
  };
}

/** A subgraph has a field that answers with the schema. */
function noSubgraphSdl(context: ValidationContext): ASTVisitor {
  return {
    Field: (node) => {
      if (node.name.value !== '_service' || context.getParentType()?.name !== 'Query') return;
      context.reportError(new GraphQLError('the schema may not be asked for: introspection is off', { nodes: node }));
    },
  };
}

/**
 * Says how HTTP tells of a document that doesn't parse or isn't valid: `spec` stands for GraphQL over HTTP's rule that
 * such a reply has status 200 where it is sent as application/json.
 */
export function asInvalidDocument(error: GraphQLError): GraphQLError {
  error.extensions.http = { spec: true, status: 400 };
  return error;
}
