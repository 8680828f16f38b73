import { z } from 'zod';
import { flag, variable, wholeNumber } from './variable.ts';

/** The settings that bound the work of operations (docs/limits.md). */
export const graphqlVariables = {
  MUSTER_REQUESTS_PER_SECOND: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '5000',
    description:
      'The requests and WebSocket operations a second that one credential may make, for two seconds twice as many; further ones end with RATE_LIMITED.',
  }),
  MUSTER_POINTS_PER_SECOND: variable({
    schema: wholeNumber(1, 1_000_000_000),
    fallback: '200000',
    description:
      'The points a second that the requests of one credential may take, by the prices in docs/limits.md; while none are left, requests end with RATE_LIMITED.',
  }),
  MUSTER_POINTS_PER_MINUTE: variable({
    schema: wholeNumber(1, 1_000_000_000),
    fallback: '6000000',
    description: 'The points a minute that the requests of one credential may take.',
  }),
  MUSTER_INTROSPECTION: variable({
    schema: flag,
    fallback: 'true',
    description: 'Whether clients may query the schema (introspection); the playground needs it.',
  }),
  MUSTER_FEDERATION: variable({
    schema: flag,
    fallback: 'false',
    description:
      'Whether the schema is a subgraph of Apollo Federation 2 (docs/api.md), for a gateway in front of several servers.',
  }),
  MUSTER_PERSISTED_OPERATIONS: variable({
    schema: z.string().optional(),
    description:
      'A JSON file of documents by their hashes, as relay-compiler and graphql-codegen write it: requests may send the hash. Not set: none.',
  }),
  MUSTER_PERSISTED_OPERATIONS_MODE: variable({
    schema: z.enum(['prefer', 'require'], 'expected prefer or require'),
    fallback: 'prefer',
    description:
      'Whether other documents are taken than those of the file: `prefer` takes all, `require` only those of an ADMIN.',
  }),
  MUSTER_APQ: variable({
    schema: flag,
    fallback: 'false',
    description: 'Whether documents that clients send with their hashes are kept (automatic persisted queries).',
  }),
  MUSTER_MAX_DOCUMENT_CHARACTERS: variable({
    schema: wholeNumber(1_000, 100_000_000),
    fallback: '250000',
    description: 'The most characters of a GraphQL document; past it, TOO_COMPLEX.',
  }),
  MUSTER_MAX_TOKENS: variable({
    schema: wholeNumber(100, 1_000_000),
    fallback: '5000',
    description: 'The most tokens (names, values, punctuation marks) of a GraphQL document.',
  }),
  MUSTER_MAX_DIRECTIVES: variable({
    schema: wholeNumber(0, 1_000_000),
    fallback: '50',
    description: 'The most directives of a GraphQL document.',
  }),
  MUSTER_MAX_OPERATIONS_PER_DOCUMENT: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '20',
    description: 'The most operations of a GraphQL document: of those, a request runs one.',
  }),
  MUSTER_MAX_DEPTH: variable({
    schema: wholeNumber(1, 200),
    fallback: '20',
    description: 'The most levels of fields within fields of a GraphQL operation.',
  }),
  MUSTER_MAX_ALIASES: variable({
    schema: wholeNumber(0, 1_000_000),
    fallback: '50',
    description: 'The most fields with an alias of a GraphQL operation, fragments counted where they are spread.',
  }),
  MUSTER_MAX_ROOT_FIELDS: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '20',
    description: 'The most fields at the root of a GraphQL operation.',
  }),
  MUSTER_MAX_FIELD_COMPARISONS: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '20000',
    description:
      'The most comparisons, by the formula in docs/limits.md, that it may take to find out whether fields of the same name in a GraphQL document agree.',
  }),
  MUSTER_MAX_DOCUMENT_ERRORS: variable({
    schema: wholeNumber(1, 1_000),
    fallback: '10',
    description: 'The most mistakes in a GraphQL document, or in its variables, that are looked for.',
  }),
  MUSTER_MAX_VARIABLE_VALUES: variable({
    schema: wholeNumber(100, 10_000_000),
    fallback: '50000',
    description:
      'The most values in the variables of an operation, lists and objects counted with all that is in them.',
  }),
  MUSTER_MAX_COST: variable({
    schema: wholeNumber(1, 1_000_000_000),
    fallback: '200000',
    description: 'The most that a GraphQL operation may cost, by the formula in docs/limits.md.',
  }),
} as const;
