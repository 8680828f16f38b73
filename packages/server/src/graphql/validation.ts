import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  validate,
} from 'graphql';
import { tooComplex } from '../errors/refusals.ts';
import { locateLiterals } from './inputErrorPaths.ts';

/** The message of graphql-js (16) where comparing a document's fields with each other takes more than it is ready to do. */
const abandoned = 'Validation aborted.';

/** Makes the validation of documents. @param introspection whether clients may ask for the schema */
export function createValidation(
  schema: GraphQLSchema,
  introspection: boolean,
): (document: DocumentNode) => readonly Error[] {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  return (document) => {
    const errors = validate(schema, document, rules);
    if (errors.some(({ message }) => message === abandoned)) {
      return [tooComplex('expected a document that selects each field of an object once; got many the same')];
    }
    return locateLiterals(errors, document).map(asInvalidDocument);
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
