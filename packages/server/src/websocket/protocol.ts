import type { IncomingHttpHeaders } from 'node:http';
import type { Access, DomainError, Viewer } from '@muster/core';
import { type ExecutionArgs, type GraphQLError, type GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { CloseCode, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { tooManyOperations } from '../errors/refusals.ts';
import type { AdmittedOperation, Pipeline, Refusal } from '../graphql/operation.ts';
import type { ConcurrencyLimit } from '../limits/concurrencyLimit.ts';
import type { LoopTurns } from '../limits/loopTurns.ts';
import type { costHeader } from '../limits/operationCost.ts';
import { type RateLimiter, viewerKey } from '../limits/rateLimiter.ts';
import type { Unsent } from '../limits/unsent.ts';
import type { SharedSubscriptions } from '../live/sharedSubscriptions.ts';
import type { WebSocketWriter } from '../live/socketWriter.ts';
import type { Authentication, Client } from '../security/authentication.ts';
import { tokenOfConnection } from '../security/bearerToken.ts';
import { answerOnSocket } from './answerOnSocket.ts';

type SocketHeaders = Pick<IncomingHttpHeaders, 'authorization'> & {
  readonly token?: string | string[] | undefined;
  readonly [costHeader]?: string | string[] | undefined;
};

/** The parts of a socket that its operations need. */
export interface SocketExtra extends Record<PropertyKey, unknown> {
  /** The headers of the request that opened the socket, as far as they are read later: the whole request would stay in memory as long as the socket. */
  request: { readonly headers: SocketHeaders };
  client: Client;
  writer: WebSocketWriter;
  /** The bytes that wait for the peer. */
  unsent: Pick<Unsent, 'assign'>;
  /** Closes the socket. */
  close(code: number, reason: string): void;
  /** Whom the connection is from, once a credential has shown it. */
  viewer?: Viewer;
  /** E6: why the viewer's right has ended; absent while it lasts. */
  ended?: DomainError;
  /** Release what the connection has acquired for its viewer; null once it is closed. */
  releases: (() => void)[] | null;
}

/** The parts of the server that the protocol needs. */
export interface ProtocolOptions {
  pipeline: Pipeline;
  live: SharedSubscriptions;
  access: Pick<Access, 'rights'>;
  authentication: Pick<Authentication, 'authenticate'>;
  rateLimiter: Pick<RateLimiter, 'consume'>;
  /** Counts each credential's connections. */
  connections: ConcurrencyLimit;
  maxOperationsPerConnection: number;
  /** Divides the begins of operations among turns of the event loop. */
  loopTurns: LoopTurns;
  mask(error: unknown): GraphQLError;
}

/** An operation on its way through graphql-ws, which itself looks only at its document and name. */
interface OperationArgs extends ExecutionArgs {
  readonly id: string;
  readonly writer: WebSocketWriter;
  readonly operation: AdmittedOperation | Refusal;
}

/** The time that a client has to show its credential; then the socket is closed with 4408. */
const initWaitMs = 3_000;

/** graphql-ws wants a schema with each operation, and does nothing with it. */
const noSchema = new GraphQLSchema({});

/**
 * The protocol `graphql-transport-ws`: graphql-ws does the talking, the pipeline executes queries and mutations, and
 * subscriptions join their groups (live/). A mistake in an operation ends that operation, never the socket.
 */
export function createProtocol(options: ProtocolOptions): Server<SocketExtra> {
  const { live, mask } = options;
  return makeServer<Record<string, unknown>, SocketExtra>({
    connectionInitWaitTimeout: initWaitMs,
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
        const { extra } = context;
        // Hundreds of operations may come in one message of the system (W3).
        const key = extra.viewer ? viewerKey(extra.viewer) : '';
        return await options.loopTurns.run(key, () => argsOrErrors(options, extra, id, payload));
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
      const { operation, writer } = args as OperationArgs;
      return 'errors' in operation ? { errors: operation.errors } : answerOnSocket(operation, writer);
    },
    subscribe: (args) => {
      const { id, writer, operation } = args as OperationArgs;
      if ('errors' in operation) throw new Error('a refused subscription was begun');
      return live.subscribe({ id, writer, operation, form: 'frames' });
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
  { access, authentication, connections }: ProtocolOptions,
  extra: SocketExtra,
  token: string | null,
): Promise<void> {
  const viewer = await authentication.authenticate(extra.client, token);
  // The peer may have gone meanwhile, and nobody would release what is acquired for it now.
  if (extra.releases === null) return;
  extra.releases.push(connections.acquire(viewer));
  extra.viewer = viewer;
  extra.unsent.assign(viewer);
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

/**
 * Counts an operation, and admits it. A query or mutation that only a limit refuses is a result of errors alone, as if it
 * had been executed; any other refusal ends the operation by errors.
 */
function argsOrErrors(
  { pipeline, rateLimiter }: ProtocolOptions,
  { request, writer, viewer, ended }: SocketExtra,
  id: string,
  payload: SubscribePayload,
): OperationArgs | readonly GraphQLError[] {
  if (!viewer) throw new Error('an operation before the connection was let in');
  if (ended) throw ended;
  rateLimiter.consume(viewer);
  const operation = pipeline.admit(viewer, payload, request);
  if ('errors' in operation && (operation.document === null || operation.kind === 'subscription')) {
    return operation.errors;
  }
  return {
    id,
    writer,
    operation,
    schema: noSchema,
    document: operation.document,
    operationName: payload.operationName || null,
    // Present, so that graphql-ws doesn't ask for them.
    rootValue: undefined,
    contextValue: undefined,
  };
}

/** Errors carry the HTTP status that fits them, which means nothing here. */
function withoutHttp(error: GraphQLFormattedError): GraphQLFormattedError {
  const { http: _, ...extensions } = error.extensions ?? {};
  return { ...error, extensions };
}
