import type { Core, Feed, Sequenced, Viewer } from '@muster/core';
import { createLoaders, createSharedContext, feedOf, type Loaders, type SchemaContext } from '@muster/schema';
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import { untold } from '../graphql/endUndeliverable.ts';
import { withVariablePaths } from '../graphql/inputErrorPaths.ts';
import type { Usage } from '../limits/concurrencyLimit.ts';
import { withCost } from '../limits/operationCost.ts';
import { createFrameWriter } from './frame.ts';
import { createGroup, type SubscriptionGroup } from './group.ts';
import { groupKey } from './groupKey.ts';
import type { SocketWriter } from './socketWriter.ts';
import { joinGroup } from './subscriber.ts';

/**
 * The longest that a group of watchers is left without a word is two of these, and must be under 30 s (api.md).
 */
const bookmarkIntervalMs = 14_000;

/** A subscription as it came over a socket, parsed and validated. */
export interface SubscribeRequest {
  id: string;
  /** The document's text. */
  query: string;
  args: ExecutionArgs;
  writer: SocketWriter;
  /** What each result is to tell that it cost; null for nothing. */
  cost: number | null;
}

export interface SharedSubscriptionsOptions {
  core: Core;
  bufferEvents: number;
  bufferBytes: number;
  /** Counts each viewer's subscriptions. */
  usage: Usage;
  mask(error: unknown): GraphQLError;
}

export interface SharedSubscriptions {
  subscribe(request: SubscribeRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
  /** The context of all of a viewer's subscriptions. What viewers of the same access ask for is joined into one query. */
  contextOf(viewer: Viewer): SchemaContext;
  /** How many different subscriptions there are. */
  readonly groups: number;
}

/** Subscriptions over sockets: equal ones share the work (groups), each keeps its own beginning and its own pace. */
export function createSharedSubscriptions({
  core,
  bufferEvents,
  bufferBytes,
  usage,
  mask,
}: SharedSubscriptionsOptions): SharedSubscriptions {
  const groups = new Map<string, SubscriptionGroup>();
  const frames = createFrameWriter();
  const loaders = new Map<string, Loaders>();
  const contexts = new WeakMap<Viewer, SchemaContext>();

  async function run({ args, cost }: SubscribeRequest, item: Sequenced): Promise<ExecutionResult> {
    const executed = await execute({ ...args, rootValue: item });
    const result = cost === null ? executed : withCost(executed, cost);
    if (!result.errors) return result;
    const errors = result.errors.map(mask);
    const unavailable = untold(errors);
    if (unavailable) throw unavailable;
    return { ...result, errors };
  }

  function refused(args: ExecutionArgs, result: ExecutionResult): ExecutionResult {
    const { errors = [], ...rest } = withVariablePaths(result, args);
    return { ...rest, errors: errors.map(mask) };
  }

  function groupOf(request: SubscribeRequest, feed: Feed<Sequenced>): SubscriptionGroup {
    const { args, query, cost } = request;
    const key = `${cost}\n${accessKey(feed.viewer)}\n${groupKey(query, args.document, args.operationName, args.variableValues)}`;
    let group = groups.get(key);
    if (!group) {
      group = createGroup({
        core,
        feed,
        execute: (item) => run(request, item),
        bookmarkIntervalMs,
        onEmpty: () => groups.delete(key),
      });
      groups.set(key, group);
    }
    return group;
  }

  function loadersOf(viewer: Viewer): Loaders {
    const key = accessKey(viewer);
    const known = loaders.get(key) ?? createLoaders(core, viewer);
    loaders.set(key, known);
    return known;
  }

  function takeOne(viewer: Viewer): (() => void) | GraphQLError {
    try {
      return usage.take(viewer);
    } catch (error) {
      return mask(error);
    }
  }

  return {
    subscribe: async (request) => {
      const source = await createSourceEventStream(request.args);
      if (!(Symbol.asyncIterator in source)) return refused(request.args, source);
      const feed = feedOf(source);
      const onOver = takeOne(feed.viewer);
      if (onOver instanceof GraphQLError) return { errors: [onOver] };
      return joinGroup({
        onOver,
        core,
        id: request.id,
        writer: request.writer,
        frames,
        feed,
        execute: (item) => run(request, item),
        group: groupOf(request, feed),
        bufferEvents,
        bufferBytes,
      });
    },
    contextOf: (viewer) => {
      const known = contexts.get(viewer) ?? createSharedContext(core, viewer, loadersOf(viewer));
      contexts.set(viewer, known);
      return known;
    },
    get groups() {
      return groups.size;
    },
  };
}

/** Whose subscription it is, as far as that decides what is seen. */
function accessKey({ role, domainId }: Viewer): string {
  return JSON.stringify([role, domainId]);
}
