import type { Core } from '@muster/core';
import type { ServerFacts } from '@muster/schema';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { Config } from '../config/config.ts';
import type { Admission } from '../limits/admission.ts';
import type { Guard } from '../limits/guard.ts';
import { createLoopTurns, type LoopTurns } from '../limits/loopTurns.ts';
import type { Pipeline } from './operation.ts';
import { type PersistedConfig, readPersistedOperations } from './persistedOperations.ts';
import { createPipeline } from './pipeline.ts';
import { usePipeline, type YogaContext } from './usePipeline.ts';

/** The parts that answer GraphQL. */
export interface Engine {
  /** Executes every operation, whichever front it came by. */
  readonly pipeline: Pipeline;
  /** Begins operations, so that long ones leave the event loop to others. */
  readonly loopTurns: LoopTurns;
  /**
   * Answers the requests that graphqlPost.ts leaves: GET, server-sent events and unusual content negotiation. Its operations
   * go through the pipeline too.
   */
  readonly yoga: YogaServerInstance<YogaContext, object>;
}

/** The parameters of an engine. */
export interface EngineOptions {
  schema: GraphQLSchema;
  core: Core;
  server: ServerFacts;
  config: Pick<Config, 'MUSTER_INTROSPECTION' | 'MUSTER_MAX_PAGE_SIZE' | 'MUSTER_MAX_DOCUMENT_ERRORS'> &
    PersistedConfig;
  /** Every limit of an operation. */
  guards: readonly Guard[];
  admission: Admission;
  /** Turns any error into one that a client may read. */
  mask(error: unknown): GraphQLError;
}

/** Makes the engine that all GraphQL fronts share. */
export function createEngine({ schema, core, server, config, guards, admission, mask }: EngineOptions): Engine {
  const pipeline = createPipeline({
    schema,
    core,
    server,
    guards,
    admission,
    introspection: config.MUSTER_INTROSPECTION,
    maxPageSize: config.MUSTER_MAX_PAGE_SIZE,
    maxErrors: config.MUSTER_MAX_DOCUMENT_ERRORS,
    persisted: readPersistedOperations(config),
    mask,
  });
  const yoga = createYoga<YogaContext, object>({
    graphqlEndpoint: '/graphql',
    plugins: [usePipeline(pipeline, mask)],
    extraParamNames: ['documentId'],
    maskedErrors: { maskError: mask },
    // The playground is a page of ours (http/playground.ts).
    graphiql: false,
    landingPage: false,
    // Foreign pages have no business here, and multipart forms would reach it without asking first (CSRF).
    cors: false,
    multipart: false,
    batching: false,
    // Mistakes of clients are nothing to tell an operator; errors of the server are logged by `mask`.
    logging: false,
    // The pipeline has its own cache, and the HTTP server has read the body within a limit.
    parserAndValidationCache: false,
    maxRequestBodySize: false,
  });
  return { pipeline, loopTurns: createLoopTurns(), yoga };
}
