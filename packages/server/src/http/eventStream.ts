import type { ServerResponse } from 'node:http';
import { DomainError, type Viewer } from '@muster/core';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { httpStatus } from '../errors/httpStatus.ts';
import { tooManyConnections } from '../errors/refusals.ts';
import type { AdmittedOperation } from '../graphql/operation.ts';
import type { ConcurrencyLimit } from '../limits/concurrencyLimit.ts';
import type { ConnectionTotal } from '../limits/connectionTotal.ts';
import type { TransferBounds } from '../limits/transferBounds.ts';
import type { SharedSubscriptions } from '../live/sharedSubscriptions.ts';
import { EventStreamWriter } from './eventStreamWriter.ts';

/** The parameters of event streams. */
export interface EventStreamsOptions {
  readonly live: SharedSubscriptions;
  /** Counts each credential's connections, WebSockets among them. */
  readonly connections: ConcurrencyLimit;
  readonly total: ConnectionTotal;
  readonly transfer: Pick<TransferBounds, 'unsent' | 'unreadMs'>;
  mask(error: unknown): GraphQLError;
}

/**
 * Subscriptions over HTTP, as server-sent events ("distinct connections mode"): one a response. They share their work with
 * equal ones over WebSocket, and count like these everywhere (W8): as a connection, and as a subscription.
 */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  #count = 0;
  #isStopping = false;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  /** How many are open. */
  get count(): number {
    return this.#count;
  }

  /** Says that subscriptions that end from now on do so since the server stops: they go on elsewhere. */
  beginStopping(): void {
    this.#isStopping = true;
  }

  /**
   * Answers with a subscription's events until it ends.
   *
   * @returns masked errors where it can't begin, and nothing has been sent; else null
   */
  async answer(response: ServerResponse, operation: AdmittedOperation): Promise<ExecutionResult | null> {
    const { live, transfer, mask } = this.#options;
    let release: () => void;
    try {
      release = this.#acquire(operation.viewer);
    } catch (error) {
      return { errors: [withStatus(mask(error), error)] };
    }
    try {
      const unsent = transfer.unsent.open({ destroy: () => response.destroy() });
      unsent.assign(operation.viewer);
      const writer = new EventStreamWriter({ response, unsent, unreadMs: transfer.unreadMs });
      // Opened once it has its place: a client that has seen the headers is sent each change from then on.
      const onStarted = () => writer.open();
      const events = await live.subscribe({ id: '', operation, writer, form: 'events', onStarted });
      if (!(Symbol.asyncIterator in events)) return events;
      // The peer may have gone before the subscription began to listen for that.
      if (response.destroyed) await events.return?.();
      const result = await lastResult(events, operation);
      if (result === null && this.#isStopping) writer.breakOff();
      else writer.end(result);
      return null;
    } finally {
      release();
    }
  }

  #acquire(viewer: Viewer): () => void {
    const { connections, total } = this.#options;
    if (total.isFull) throw tooManyConnections(total.most, viewer);
    const release = connections.acquire(viewer);
    const close = total.open();
    this.#count += 1;
    return () => {
      release();
      close();
      this.#count -= 1;
    };
  }
}

/** Waits for the end of a subscription; where that is an error, resolves with the result that says so, as JSON. */
async function lastResult(
  events: AsyncIterableIterator<ExecutionResult>,
  operation: AdmittedOperation,
): Promise<string | null> {
  try {
    await events.next();
    return null;
  } catch (error) {
    return JSON.stringify(operation.resultOfBreak(error));
  }
}

function withStatus(masked: GraphQLError, error: unknown): GraphQLError {
  if (error instanceof DomainError) masked.extensions.http = { status: httpStatus[error.code] };
  return masked;
}
