import type { Core, Viewer } from '@muster/core';
import { createContext, type SchemaContext } from '@muster/schema';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { Config } from '../config/config.ts';
import { useDocumentLimits } from '../limits/documentLimits.ts';
import { type OperationCosts, useOperationCost } from '../limits/operationCost.ts';
import { useNestingLimit } from '../limits/textLimits.ts';
import { createDirectAnswer, type DirectAnswer } from './directAnswer.ts';
import { createKnownDocuments, type KnownDocuments } from './documentCache.ts';
import { useEndOfUntold } from './endUndeliverable.ts';
import { graphiqlOptions, renderGraphiQL } from './graphiql.ts';
import { useInputPaths } from './inputErrorPaths.ts';
import { useClosedCodes } from './maskResults.ts';
import { createKnownOperations, useKnownOperations } from './preparedOperations.ts';

/** What the transports give yoga with a request. */
export interface ServerContext extends Record<string, unknown> {
  /** Whom the request is from; absent for whoever only gets the playground's page. */
  viewer?: Viewer;
}
export type Yoga = YogaServerInstance<ServerContext, SchemaContext> & {
  readonly documents: KnownDocuments;
  readonly answerDirectly: DirectAnswer;
};

export interface YogaOptions {
  schema: GraphQLSchema;
  core: Core;
  config: Pick<
    Config,
    | 'MUSTER_GRAPHIQL'
    | 'MUSTER_INTROSPECTION'
    | 'MUSTER_MAX_TOKENS'
    | 'MUSTER_MAX_DIRECTIVES'
    | 'MUSTER_MAX_DEPTH'
    | 'MUSTER_MAX_ALIASES'
    | 'MUSTER_MAX_ROOT_FIELDS'
  >;
  costs: OperationCosts;
  /** What a client may know of an error. */
  mask(error: unknown): GraphQLError;
  /** Whether reads are answered by statements made for them, as far as they can be. Default true; the answers are the same. */
  compiledReads?: boolean;
}

/** The GraphQL engine that HTTP and WebSocket share: one context, one masking, the same plugins. */
export function createEngine({ schema, core, config, costs, mask, compiledReads = true }: YogaOptions): Yoga {
  const documents = createKnownDocuments();
  const operations = createKnownOperations(schema, { compiledReads });
  const yoga = createYoga<ServerContext, SchemaContext>({
    schema,
    graphqlEndpoint: '/graphql',
    context: ({ viewer }) => {
      if (!viewer) throw new Error('an operation without a viewer');
      return createContext(core, viewer);
    },
    plugins: [
      useKnownOperations(operations),
      useNestingLimit(documents, { tokens: config.MUSTER_MAX_TOKENS, directives: config.MUSTER_MAX_DIRECTIVES }, mask),
      useDocumentLimits({
        limits: {
          depth: config.MUSTER_MAX_DEPTH,
          aliases: config.MUSTER_MAX_ALIASES,
          rootFields: config.MUSTER_MAX_ROOT_FIELDS,
        },
        introspection: config.MUSTER_INTROSPECTION,
      }),
      useOperationCost(costs, mask),
      useInputPaths(),
      useClosedCodes(mask),
      useEndOfUntold(mask),
    ],
    maskedErrors: { maskError: mask },
    graphiql: config.MUSTER_GRAPHIQL && (() => graphiqlOptions(core.access)),
    renderGraphiQL,
    landingPage: false,
    // Foreign pages have no business here, and multipart forms would reach it without asking first (CSRF).
    cors: false,
    multipart: false,
    batching: false,
    // A text that doesn't parse is not kept: any number of them can be made up.
    parserAndValidationCache: { documentCache: documents, errorCache: { get: () => undefined, set: () => {} } },
    logging: false,
  });
  const answerDirectly = createDirectAnswer({ schema, core, documents, operations, costs, mask });
  return Object.assign(yoga, { documents, answerDirectly });
}
