import type { ServerResponse } from 'node:http';
import { DomainError, type Viewer } from '@muster/core';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { httpStatus } from '../errors/httpStatus.ts';
import { stopping, tooManyConnections } from '../errors/refusals.ts';
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
  /** Breaks off each stream that is open. */
  readonly #breakOffs = new Set<() => void>();
  #count = 0;
  #isStopping = false;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  /** How many are open. */
  get count(): number {
    return this.#count;
  }

  /** Takes no more streams, and breaks off those that are open, since the server stops: clients go on elsewhere. */
  stop(): void {
    this.#isStopping = true;
    for (const breakOff of this.#breakOffs) breakOff();
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
      const end = await this.#endOf(lastResult(events, operation));
      if (end === 'stopped') {
        await events.return?.();
        writer.breakOff();
      } else {
        writer.end(end?.text ?? null);
      }
      return null;
    } finally {
      release();
    }
  }

  /** Waits for a stream's last result, or for the server's stop, whichever comes first. */
  #endOf(result: Promise<LastResult>): Promise<LastResult | 'stopped'> {
    const end = Promise.withResolvers<LastResult | 'stopped'>();
    const breakOff = () => end.resolve('stopped');
    this.#breakOffs.add(breakOff);
    if (this.#isStopping) breakOff();
    result.then(end.resolve, end.reject);
    return end.promise.finally(() => this.#breakOffs.delete(breakOff));
  }

  #acquire(viewer: Viewer): () => void {
    const { connections, total } = this.#options;
    if (this.#isStopping) throw stopping();
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

/** The result that says why a subscription ended, as JSON; null where it ended by itself. */
type LastResult = { readonly text: string } | null;

/** Waits for the end of a subscription. */
async function lastResult(
  events: AsyncIterableIterator<ExecutionResult>,
  operation: AdmittedOperation,
): Promise<LastResult> {
  try {
    await events.next();
    return null;
  } catch (error) {
    return { text: JSON.stringify(operation.resultOfBreak(error)) };
  }
}

function withStatus(masked: GraphQLError, error: unknown): GraphQLError {
  if (error instanceof DomainError) masked.extensions.http = { status: httpStatus[error.code] };
  return masked;
}
