import { type Core, type Feed, openStream, type Sequenced, type Viewer } from '@muster/core';
import { createLoaders, type Loaders } from './loaders.ts';
import type { ServerFacts } from './serverFacts.ts';

/** The context of resolvers. */
export interface SchemaContext {
  readonly core: Core;
  readonly viewer: Viewer;
  readonly loaders: Loaders;
  /** The change up to which this process had read the log when the operation began: each answer has all changes up to it. */
  readonly startSeq: number;
  /** Whether the operation may change nothing: it came by a GET. */
  readonly isReadOnly: boolean;
  /** The server that answers; null where no server runs, and in subscriptions, which have no use for it. */
  readonly server: ServerFacts | null;
  /** Makes the stream that a subscription's resolver returns for a feed. */
  follow<Item extends Sequenced>(feed: Feed<Item>): Promise<AsyncIterable<Item>>;
}

/** The parameters of a context beside the core and the viewer. */
export interface ContextOptions {
  /** Default false. */
  readonly isReadOnly?: boolean;
  /** Default null. */
  readonly server?: ServerFacts | null;
}

/** Creates the context of one operation, whose subscription has its own stream. */
export function createContext(core: Core, viewer: Viewer, options: ContextOptions = {}): SchemaContext {
  return new OperationContext(core, viewer, options);
}

class OperationContext implements SchemaContext {
  readonly core: Core;
  readonly viewer: Viewer;
  readonly isReadOnly: boolean;
  readonly server: ServerFacts | null;
  readonly startSeq: number;
  /** A field, since resolvers take it out of the context. */
  readonly follow = <Item extends Sequenced>(feed: Feed<Item>) => openStream(this.core, feed);
  #loaders: Loaders | null = null;

  constructor(core: Core, viewer: Viewer, { isReadOnly = false, server = null }: ContextOptions) {
    this.core = core;
    this.viewer = viewer;
    this.isReadOnly = isReadOnly;
    this.server = server;
    this.startSeq = core.hub.tail.position;
  }

  /** Made when a resolver first needs them, which most operations don't. */
  get loaders(): Loaders {
    this.#loaders ??= createLoaders(this.core, this.viewer);
    return this.#loaders;
  }
}

/**
 * The context of subscriptions that share their work: feeds are not opened as streams but handed out, by `feedOf`.
 *
 * @param loaders may serve many subscriptions at once
 */
export function createSharedContext(core: Core, viewer: Viewer, loaders: Loaders): SchemaContext {
  return {
    core,
    viewer,
    loaders,
    startSeq: core.hub.tail.position,
    isReadOnly: false,
    server: null,
    follow: async (feed) => new HandedOut(feed),
  };
}

/** The feed behind a subscription that was made in a shared context. */
export function feedOf(stream: AsyncIterable<unknown>): Feed<Sequenced> {
  if (!(stream instanceof HandedOut)) throw new Error('expected a stream of a shared context');
  return stream.feed;
}

class HandedOut<Item extends Sequenced> implements AsyncIterable<Item> {
  readonly feed: Feed<Item>;

  constructor(feed: Feed<Item>) {
    this.feed = feed;
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    throw new Error('a feed that was handed out is not read as a stream');
  }
}
