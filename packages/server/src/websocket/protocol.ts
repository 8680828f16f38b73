import type { IncomingHttpHeaders } from 'node:http';
import { type Access, DomainError, type Viewer } from '@muster/core';
import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
} from 'graphql';
import { CloseCode, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import type { ServerContext, Yoga } from '../graphql/engine.ts';
import type { Usage } from '../limits/concurrencyLimit.ts';
import { asksForCost, type CostedOperation, type costHeader, type OperationCosts } from '../limits/operationCost.ts';
import type { RequestRate } from '../limits/rateLimiter.ts';
import { refuseDeep } from '../limits/textLimits.ts';
import type { SharedSubscriptions } from '../live/sharedSubscriptions.ts';
import type { SocketWriter } from '../live/socketWriter.ts';
import { tokenOfConnection } from '../security/bearerToken.ts';

type SocketHeaders = Pick<IncomingHttpHeaders, 'authorization'> & {
  readonly [costHeader]?: string | string[] | undefined;
};

/** What an operation needs of the socket that it came over. */
export interface SocketExtra extends Record<PropertyKey, unknown> {
  /** What of the request that opened it may be asked for later: the whole of it would lie there as long as the socket does. */
  request: { readonly headers: SocketHeaders };
  writer: SocketWriter;
  /** Closes the socket. */
  close(code: number, reason: string): void;
  /** Whom the connection is from, once it has said so. */
  viewer?: Viewer;
  /** E6: why the viewer may do no more, once that is so. */
  ended?: DomainError;
  /** What the connection has taken for its viewer, to be given back; null once it is closed. */
  releases: (() => void)[] | null;
}

export interface OperationsOptions {
  yoga: Yoga;
  live: SharedSubscriptions;
  access: Pick<Access, 'authenticate' | 'rights'>;
  rate: RequestRate;
  costs: OperationCosts;
  /** Counts each viewer's connections. */
  connections: Usage;
  maxOperationsPerConnection: number;
  mask(error: unknown): GraphQLError;
}

type Engine = ReturnType<Yoga['getEnveloped']>;

/** An operation on its way through graphql-ws, with what it was prepared by. */
interface PreparedArgs extends ExecutionArgs {
  prepared: { id: string; query: string; writer: SocketWriter; cost: number | null };
  /** What executes a query or a mutation; a subscription, which lasts, holds on to none. */
  engine: Engine | null;
}

/**
 * The protocol `graphql-transport-ws`: graphql-ws does the talking, yoga's engine runs queries and mutations, and
 * subscriptions join their groups (live/). Whatever is wrong with an operation ends that operation, never the socket.
 */
export function createOperations(options: OperationsOptions): Server<SocketExtra> {
  const { live, mask } = options;
  return makeServer<Record<string, unknown>, SocketExtra>({
    onConnect: async ({ connectionParams, extra }) => {
      try {
        await admit(options, extra, tokenOfConnection(connectionParams, extra.request.headers));
        return true;
      } catch (error) {
        const { message, extensions } = mask(error);
        extra.close(CloseCode.Forbidden, closeReason(`${extensions.code}: ${message}`));
        return false;
      }
    },
    onClose: ({ extra }) => {
      for (const release of extra.releases ?? []) release();
      extra.releases = null;
    },
    onSubscribe: async (context, id, payload) => {
      try {
        const underWay = Object.keys(context.subscriptions).length;
        if (underWay > options.maxOperationsPerConnection) {
          throw tooManyOperations(options.maxOperationsPerConnection, context.extra.viewer);
        }
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
    execute: (args) => {
      const { engine, prepared: _, ...rest } = args as PreparedArgs;
      if (!engine) throw new Error('a subscription was executed as a query');
      return engine.execute(rest) as ExecutionResult;
    },
    subscribe: (args) => {
      const { prepared, engine: _, ...rest } = args as PreparedArgs;
      return live.subscribe({ ...prepared, args: rest });
    },
  });
}

/**
 * Lets a connection in as its viewer's, until that one's right ends: then its subscriptions end, each by itself, and
 * the connection after them (E6).
 *
 * @throws DomainError UNAUTHENTICATED, or RATE_LIMITED where the viewer has too many connections
 */
async function admit(
  { access, connections }: OperationsOptions,
  extra: SocketExtra,
  token: string | null,
): Promise<void> {
  const viewer = await access.authenticate(token);
  // The peer may have gone meanwhile, and nobody would give back what is taken for it now.
  if (extra.releases === null) return;
  extra.releases.push(connections.take(viewer));
  extra.viewer = viewer;
  const release = access.rights.watch(viewer, (why) => {
    extra.ended = why;
    setImmediate(() => extra.close(CloseCode.Forbidden, closeReason(`${why.code}: ${why.message}`)));
  });
  extra.releases.push(release);
}

/** A close frame has room for 123 bytes. */
function closeReason(text: string): string {
  return Buffer.from(text)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD$/, '');
}

async function prepare(
  { yoga, live, rate, costs, mask }: OperationsOptions,
  { request, writer, viewer, ended }: SocketExtra,
  id: string,
  payload: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  if (!viewer) throw new Error('an operation before the connection was let in');
  if (ended) throw ended;
  rate.take(viewer);
  const engine = yoga.getEnveloped({ req: request, params: payload, viewer } as ServerContext);
  const document = engine.parse(payload.query);
  const errors: readonly GraphQLError[] = engine.validate(engine.schema, document);
  if (errors.length > 0) return errors.map(mask);
  const isSubscription = getOperationAST(document, payload.operationName)?.operation === 'subscription';
  const operation = { document, operationName: payload.operationName, variableValues: payload.variables };
  const cost = isSubscription ? admitSubscription(costs, viewer, operation) : null;
  const args: PreparedArgs = {
    schema: engine.schema,
    ...operation,
    contextValue: isSubscription ? live.getOrCreateContext(viewer) : await engine.contextFactory(),
    // Present, so that graphql-ws looks for no root value of its own.
    rootValue: undefined,
    engine: isSubscription ? null : engine,
    prepared: {
      id,
      query: payload.query,
      writer,
      cost: asksForCost({ req: request, params: payload }) ? cost : null,
    },
  };
  return args;
}

/** Subscriptions don't pass through yoga's engine, which does the same for queries and mutations. */
function admitSubscription(costs: OperationCosts, viewer: Viewer, operation: CostedOperation): number {
  refuseDeep(operation.variableValues);
  return costs.admit(viewer, operation);
}

function tooManyOperations(limit: number, viewer: Viewer | undefined): DomainError {
  return new DomainError(
    'RATE_LIMITED',
    `expected at most ${limit} operations at a time on one connection; end one, or open another connection`,
    {},
    viewer?.subject,
  );
}

/** Yoga leaves the HTTP status for its own transport in an error; here it says nothing. */
function withoutHttp(error: GraphQLFormattedError): GraphQLFormattedError {
  const { http: _, ...extensions } = error.extensions ?? {};
  return { ...error, extensions };
}
