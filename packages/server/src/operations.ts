import type { IncomingMessage } from 'node:http';
import { DomainError, openViewer } from '@muster/core';
import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
} from 'graphql';
import { makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import type { Outlet } from './live/outlet.ts';
import type { Live } from './live/subscribe.ts';
import type { ServerContext, Yoga } from './yoga.ts';

/** What an operation needs of the socket that it came over. */
export interface SocketExtra extends Record<PropertyKey, unknown> {
  request: IncomingMessage;
  outlet: Outlet;
}

export interface OperationsOptions {
  yoga: Yoga;
  live: Live;
  maxOperationsPerConnection: number;
  mask(error: unknown): GraphQLError;
}

type Engine = ReturnType<Yoga['getEnveloped']>;

/** An operation on its way through graphql-ws, with what it was prepared by. */
interface PreparedArgs extends ExecutionArgs {
  prepared: { engine: Engine; id: string; query: string; outlet: Outlet };
}

/**
 * The protocol `graphql-transport-ws`: graphql-ws does the talking, yoga's engine runs queries and mutations, and
 * subscriptions join their groups (live/). Whatever is wrong with an operation ends that operation, never the socket.
 */
export function createOperations(options: OperationsOptions): Server<SocketExtra> {
  const { live, mask } = options;
  return makeServer<Record<string, unknown>, SocketExtra>({
    onSubscribe: async (context, id, payload) => {
      try {
        const underWay = Object.keys(context.subscriptions).length;
        if (underWay > options.maxOperationsPerConnection) throw tooManyOperations(options.maxOperationsPerConnection);
        return await prepare(options, context.extra, id, payload);
      } catch (error) {
        return [mask(error)];
      }
    },
    // Execution's own errors have been masked; this is for a stream that broke.
    onError: (_context, _id, _payload, errors) => errors.map((error) => withoutHttp(mask(error).toJSON())),
    onNext: (_context, _id, _payload, _args, result) => {
      if (!result.errors) return;
      const errors = result.errors.map((error) => withoutHttp(error.toJSON()));
      return { ...(result.data === undefined ? {} : { data: result.data }), errors };
    },
    execute: (args) => (args as PreparedArgs).prepared.engine.execute(args) as ExecutionResult,
    subscribe: (args) => {
      const { prepared, ...rest } = args as PreparedArgs;
      return live.subscribe({ ...prepared, args: rest, viewer: openViewer });
    },
  });
}

async function prepare(
  { yoga, live, mask }: OperationsOptions,
  { request, outlet }: SocketExtra,
  id: string,
  payload: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const engine = yoga.getEnveloped({ req: request, params: payload } as ServerContext);
  const document = engine.parse(payload.query);
  const errors: readonly GraphQLError[] = engine.validate(engine.schema, document);
  if (errors.length > 0) return errors.map(mask);
  const isSubscription = getOperationAST(document, payload.operationName)?.operation === 'subscription';
  const args: PreparedArgs = {
    schema: engine.schema,
    document,
    operationName: payload.operationName,
    variableValues: payload.variables,
    contextValue: await engine.contextFactory(isSubscription ? { shared: live.loadersOf(openViewer) } : {}),
    // Present, so that graphql-ws looks for no root value of its own.
    rootValue: undefined,
    prepared: { engine, id, query: payload.query, outlet },
  };
  return args;
}

function tooManyOperations(limit: number): DomainError {
  return new DomainError(
    'RATE_LIMITED',
    `expected at most ${limit} operations at a time on one connection; end one, or open another connection`,
  );
}

/** Yoga leaves the HTTP status for its own transport in an error; here it says nothing. */
function withoutHttp(error: GraphQLFormattedError): GraphQLFormattedError {
  const { http: _, ...extensions } = error.extensions ?? {};
  return { ...error, extensions };
}
