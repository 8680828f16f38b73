import type { Core, Feed, Sequenced, Viewer } from '@muster/core';
import { createLoaders, createSharedContext, feedOf, type Loaders, type SchemaContext } from '@muster/schema';
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import { untold } from '../graphql/endUndeliverable.ts';
import { withVariablePaths } from '../graphql/inputErrorPaths.ts';
import type { Usage } from '../limits/concurrencyLimit.ts';
import { withCost } from '../limits/operationCost.ts';
import { createFrameWriter } from './frame.ts';
import { createGroup, type SubscriptionGroup } from './group.ts';
import { accessKey, groupKey } from './groupKey.ts';
import type { SocketWriter } from './socketWriter.ts';
import { joinGroup } from './subscriber.ts';

/** A watcher may go without a message for two of these at most, which must be under 30 s (api.md). */
const bookmarkIntervalMs = 14_000;

/** A subscription from a socket, parsed and validated. */
export interface SubscribeRequest {
  /** The operation's id on its socket. */
  id: string;
  /** The document's text. */
  query: string;
  args: ExecutionArgs;
  writer: SocketWriter;
  /** The cost that each result reports; null for none. */
  cost: number | null;
}

/** The parameters of a server's shared subscriptions. */
export interface SharedSubscriptionsOptions {
  core: Core;
  /** E5: how many payloads, and bytes of payloads, may wait for one subscription. */
  bufferEvents: number;
  bufferBytes: number;
  /** Limits each viewer's subscriptions. */
  usage: Usage;
  /** Turns any error into one that a client may read. */
  mask(error: unknown): GraphQLError;
}

/** Subscriptions over sockets: equal ones share their work in groups; each has its own start and its own speed. */
export interface SharedSubscriptions {
  /** Starts a subscription; resolves with an iterator that ends when the subscription does, or with its errors. */
  subscribe(request: SubscribeRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
  /** The context of all of a viewer's subscriptions; viewers with the same access share their loaders. */
  getOrCreateContext(viewer: Viewer): SchemaContext;
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
  readonly #frames = createFrameWriter();
  readonly #loaders = new Map<string, Loaders>();
  readonly #contexts = new WeakMap<Viewer, SchemaContext>();

  constructor(options: SharedSubscriptionsOptions) {
    this.#options = options;
  }

  get groups(): number {
    return this.#groups.size;
  }

  async subscribe(request: SubscribeRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const source = await createSourceEventStream(request.args);
    if (!(Symbol.asyncIterator in source)) return this.#maskRefusal(request.args, source);
    const feed = feedOf(source);
    const release = this.#acquire(feed.viewer);
    if (release instanceof GraphQLError) return { errors: [release] };
    const { core, bufferEvents, bufferBytes } = this.#options;
    return joinGroup({
      logId: core.hub.tail.logId,
      rights: core.access.rights,
      id: request.id,
      writer: request.writer,
      frames: this.#frames,
      feed,
      execute: (item) => this.#execute(request, item),
      group: this.#getOrCreateGroup(request, feed),
      bufferEvents,
      bufferBytes,
      onOver: release,
    });
  }

  getOrCreateContext(viewer: Viewer): SchemaContext {
    const context =
      this.#contexts.get(viewer) ?? createSharedContext(this.#options.core, viewer, this.#getOrCreateLoaders(viewer));
    this.#contexts.set(viewer, context);
    return context;
  }

  #getOrCreateLoaders(viewer: Viewer): Loaders {
    const key = accessKey(viewer);
    const loaders = this.#loaders.get(key) ?? createLoaders(this.#options.core, viewer);
    this.#loaders.set(key, loaders);
    return loaders;
  }

  #getOrCreateGroup(request: SubscribeRequest, feed: Feed<Sequenced>): SubscriptionGroup {
    const { args, query: text, cost } = request;
    const { document, operationName, variableValues: variables } = args;
    const key = groupKey({ viewer: feed.viewer, text, document, operationName, variables, cost });
    const existing = this.#groups.get(key);
    if (existing) return existing;
    const group = createGroup({
      hub: this.#options.core.hub,
      feed,
      execute: (item) => this.#execute(request, item),
      bookmarkIntervalMs,
      onEmpty: () => this.#groups.delete(key),
    });
    this.#groups.set(key, group);
    return group;
  }

  /** @throws the masked error of a result that could not be built because the database was unavailable */
  async #execute({ args, cost }: SubscribeRequest, item: Sequenced): Promise<ExecutionResult> {
    const executed = await execute({ ...args, rootValue: item });
    const result = cost === null ? executed : withCost(executed, cost);
    if (!result.errors) return result;
    const errors = result.errors.map(this.#options.mask);
    const unavailable = untold(errors);
    if (unavailable) throw unavailable;
    return { ...result, errors };
  }

  #maskRefusal(args: ExecutionArgs, result: ExecutionResult): ExecutionResult {
    const { errors = [], ...rest } = withVariablePaths(result, args);
    return { ...rest, errors: errors.map(this.#options.mask) };
  }

  #acquire(viewer: Viewer): (() => void) | GraphQLError {
    try {
      return this.#options.usage.take(viewer);
    } catch (error) {
      return this.#options.mask(error);
    }
  }
}
