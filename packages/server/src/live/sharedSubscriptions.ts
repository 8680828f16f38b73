import { type Core, cursorOf, type Feed, type Sequenced, type Viewer } from '@muster/core';
import { createLoaders, createSharedContext, feedOf, type Loaders, type SchemaContext } from '@muster/schema';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { undeliverableError } from '../errors/undeliverable.ts';
import type { Admission } from '../limits/admission.ts';
import type { ConcurrencyLimit } from '../limits/concurrencyLimit.ts';
import type { EventBudgets } from './eventBudgets.ts';
import { createEventFrameWriter } from './eventFrame.ts';
import { createFrameWriter } from './frame.ts';
import { createGroup, type SubscriptionGroup } from './group.ts';
import { accessKey, groupKey } from './groupKey.ts';
import type { SharedOperation } from './sharedOperation.ts';
import type { SocketWriter } from './socketWriter.ts';
import type { Starts } from './starts.ts';
import { joinGroup } from './subscriber.ts';

/** A watcher may go without a message for two of these at most, which must be under 30 s (api.md). */
const bookmarkIntervalMs = 14_000;

/** An admitted subscription, and the socket that its results go to. */
interface SubscribeRequest {
  /** The operation's id on its socket. */
  id: string;
  operation: SharedOperation;
  writer: SocketWriter;
  /** The form in which results are written: WebSocket frames, or server-sent events. */
  form: 'frames' | 'events';
  /** Called once the subscription has its place in the log. Default: nothing is called. */
  onStarted?(): void;
}

/** The parameters of a server's shared subscriptions. */
export interface SharedSubscriptionsOptions {
  core: Core;
  admission: Admission;
  /** E5: how many payloads, and bytes of payloads, may wait for one subscription. */
  bufferEvents: number;
  bufferBytes: number;
  /** Limits each credential's subscriptions. */
  concurrency: ConcurrencyLimit;
  /** Bounds the subscriptions of a credential that start at a time. */
  starts: Starts;
  /** W8: the points that subscriptions take. */
  budgets: EventBudgets;
  /** Turns any error into one that a client may read. */
  mask(error: unknown): GraphQLError;
}

/** Points that an event takes beside its cost: for executing, serialising and sending it. */
const pointsPerEvent = 30;

/** Subscriptions of all fronts: equal ones share their work in groups; each has its own start and its own speed. */
export interface SharedSubscriptions {
  /** Starts a subscription; resolves with an iterator that ends when the subscription does, or with its errors. */
  subscribe(request: SubscribeRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
  /** How many different subscriptions there are. */
  readonly groups: number;
}

/** Shared subscriptions over a core. */
export function createSharedSubscriptions(options: SharedSubscriptionsOptions): SharedSubscriptions {
  return new GroupedSubscriptions(options);
}

class GroupedSubscriptions implements SharedSubscriptions {
  readonly #options: SharedSubscriptionsOptions;
  readonly #groups = new Map<string, SubscriptionGroup>();
  readonly #writers = { frames: createFrameWriter(), events: createEventFrameWriter() };
  readonly #loaders = new Map<string, Loaders>();
  readonly #contexts = new WeakMap<Viewer, SchemaContext>();

  constructor(options: SharedSubscriptionsOptions) {
    this.#options = options;
  }

  get groups(): number {
    return this.#groups.size;
  }

  async subscribe(request: SubscribeRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const { id, operation, writer, form, onStarted = () => {} } = request;
    const context = this.#getOrCreateContext(operation.viewer);
    const { core, admission, bufferEvents, bufferBytes, starts, budgets } = this.#options;
    const stream = admission.openStream(operation);
    const source = await stream.run(() => operation.openSource(context));
    if (!(Symbol.asyncIterator in source)) return source;
    const feed = feedOf(source);
    const release = this.#acquire(feed.viewer);
    if (release instanceof GraphQLError) return { errors: [release] };
    const group = this.#getOrCreateGroup(operation, context, feed);
    const join = () =>
      joinGroup({
        cursorAt: (seq) => cursorOf(core, seq),
        rights: core.access.rights,
        id,
        writer,
        frames: this.#writers[form],
        feed,
        execute: (item) => execute(operation, context, item),
        group,
        bufferEvents,
        bufferBytes,
        starts,
        budgets,
        pacer: core.pacer,
        pointsPerItem: operation.cost + pointsPerEvent,
        onStarted,
        onOver: () => {
          release();
          stream.end();
        },
      });
    return stream.run(join);
  }

  /** The context of all of a viewer's subscriptions; viewers with the same access share their loaders. */
  #getOrCreateContext(viewer: Viewer): SchemaContext {
    const context =
      this.#contexts.get(viewer) ?? createSharedContext(this.#options.core, viewer, this.#getOrCreateLoaders(viewer));
    this.#contexts.set(viewer, context);
    return context;
  }

  #getOrCreateLoaders(viewer: Viewer): Loaders {
    const key = accessKey(viewer);
    const loaders = this.#loaders.get(key) ?? this.#createLoaders(viewer);
    this.#loaders.set(key, loaders);
    return loaders;
  }

  /** Their batches belong to all subscriptions of that access, so none of these may stop them. */
  #createLoaders(viewer: Viewer): Loaders {
    const { core, admission } = this.#options;
    const shared = admission.openSharedStream(viewer);
    return createLoaders(core, viewer, (load) => shared.run(load));
  }

  #getOrCreateGroup(operation: SharedOperation, context: SchemaContext, feed: Feed<Sequenced>): SubscriptionGroup {
    const { document, reportedCost: cost, request } = operation;
    const { query: text, operationName, variables } = request;
    const key = groupKey({ viewer: feed.viewer, text, document, operationName, variables, cost });
    const existing = this.#groups.get(key);
    if (existing) return existing;
    const { core, admission, budgets } = this.#options;
    // Belongs to all who join, and ends with the last of them.
    const stream = admission.openSharedStream(feed.viewer);
    const create = () =>
      createGroup({
        hub: core.hub,
        feed,
        budgets,
        pacer: core.pacer,
        pointsPerItem: operation.cost + pointsPerEvent,
        execute: (item) => execute(operation, context, item),
        bookmarkIntervalMs,
        onEmpty: () => {
          this.#groups.delete(key);
          stream.end();
        },
      });
    const group = stream.run(create);
    this.#groups.set(key, group);
    return group;
  }

  #acquire(viewer: Viewer): (() => void) | GraphQLError {
    try {
      return this.#options.concurrency.acquire(viewer);
    } catch (error) {
      return this.#options.mask(error);
    }
  }
}

/** @throws the masked error of a result that could not be built because the database was unavailable */
async function execute(operation: SharedOperation, context: SchemaContext, item: Sequenced): Promise<ExecutionResult> {
  const result = await operation.executeItem(context, item);
  const undeliverable = undeliverableError(result);
  if (undeliverable) throw undeliverable;
  return result;
}
