import type { FetcherParams } from '@graphiql/toolkit';
import type { OperationDefinitionNode } from 'graphql';
import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import type { Credential } from './credential.ts';
import { type LiveEntry, type LiveLog, type LiveState, newLog, withEntry } from './liveLog.ts';
import { contentOf, cursorOf, mayPass, textOfError } from './liveText.ts';
import { takesAfter } from './operation.ts';

/** The subscriptions that run, one a tab at most, whichever tab is shown. */
export interface LiveStreams {
  logOf(tab: string): LiveLog | undefined;
  subscribe(onChange: () => void): () => void;
  /** Begins a subscription in a tab, in place of one before. */
  start(tab: string, request: FetcherParams, operation: OperationDefinitionNode): void;
  /** Ends a tab's subscription; its log stays. */
  stop(tab: string): void;
  /** Ends a tab's subscription and drops its log. */
  forget(tab: string): void;
  /** Forgets the subscriptions of tabs that are gone. */
  keepOnly(tabs: ReadonlySet<string>): void;
  /** Opens the connection anew, for another credential. */
  reconnect(): void;
}

interface Stream {
  log: LiveLog;
  /** Where it goes on after a lost connection; undefined where it begins anew. */
  cursor: unknown;
  end(): void;
}

/** How long a burst of events is collected before it is shown. */
const showEveryMs = 50;
const longestWaitMs = 10_000;

const lostText = 'The connection was lost. Connecting again.';
const resumedText = 'Connected again, from the last cursor on: no change was lost.';
const anewText =
  'Connected again. Changes in between are missing here; with a variable $after, and the cursor among the fields, none is.';

/** Keeps subscriptions over one WebSocket, which is opened with the first and closed with the last. */
export function createLiveStreams(url: URL, credential: Credential): LiveStreams {
  const streams = new Map<string, Stream>();
  const shown = createSignal(showEveryMs);
  let isConnected = false;

  function change(stream: Stream, log: LiveLog): void {
    stream.log = log;
    shown.raise();
  }

  const become = (stream: Stream, state: LiveState) => change(stream, { ...stream.log, state });
  const add = (stream: Stream, kind: LiveEntry['kind'], content: unknown) =>
    change(stream, withEntry(stream.log, kind, content, new Date()));

  const inState = (state: LiveState) => [...streams.values()].filter(({ log }) => log.state === state);

  function connected(): void {
    isConnected = true;
    for (const stream of inState('connecting')) become(stream, 'live');
    for (const stream of inState('reconnecting')) {
      add(stream, 'note', stream.cursor === undefined ? anewText : resumedText);
      become(stream, 'live');
    }
  }

  function closed(event: unknown): void {
    isConnected = false;
    if (!mayPass(event)) return;
    for (const stream of inState('live')) {
      add(stream, 'note', lostText);
      become(stream, 'reconnecting');
    }
  }

  const client = openClient(url, credential, { connected, closed });

  function start(tab: string, request: FetcherParams, operation: OperationDefinitionNode): void {
    forget(tab);
    const resumes = takesAfter(operation);
    const stream: Stream = { log: newLog, cursor: resumes ? request.variables?.after : undefined, end: () => {} };
    streams.set(tab, stream);
    become(stream, isConnected ? 'live' : 'connecting');
    const variables = { ...request.variables };
    // graphql-ws reads it whenever it subscribes, after a lost connection, too.
    if (resumes) Object.defineProperty(variables, 'after', { enumerable: true, get: () => stream.cursor });
    stream.end = client.subscribe<Record<string, unknown>, unknown>(
      { ...request, variables },
      {
        next: (result) => {
          if (resumes) stream.cursor = cursorOf(result) ?? stream.cursor;
          add(stream, result.errors ? 'error' : 'event', contentOf(result));
        },
        error: (error) => {
          const text = textOfError(error);
          if (text.includes('UNAUTHENTICATED')) credential.refused(text.replace(/^UNAUTHENTICATED: /, ''));
          add(stream, 'error', text);
          become(stream, 'ended');
        },
        complete: () => become(stream, 'ended'),
      },
    );
  }

  function forget(tab: string): void {
    streams.get(tab)?.end();
    if (streams.delete(tab)) shown.raise();
  }

  return {
    logOf: (tab) => streams.get(tab)?.log,
    subscribe: shown.subscribe,
    start,
    stop: (tab) => streams.get(tab)?.end(),
    forget,
    keepOnly: (tabs) => {
      for (const tab of streams.keys()) if (!tabs.has(tab)) forget(tab);
    },
    reconnect: () => client.terminate(),
  };
}

function openClient(url: URL, credential: Credential, on: NonNullable<ClientOptions['on']>): Client {
  return createClient({
    url: Object.assign(new URL(url), { protocol: url.protocol.replace('http', 'ws') }).href,
    connectionParams: () => {
      const authorization = credential.authorization();
      return authorization === undefined ? {} : { authorization };
    },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => wait(Math.min(longestWaitMs, 500 * 2 ** retries) * (0.5 + Math.random() / 2)),
    shouldRetry: mayPass,
    on,
  });
}

/** Tells listeners that something has changed, once for all that changes within a time. */
function createSignal(everyMs: number) {
  const listeners = new Set<() => void>();
  let isRaised = false;
  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    raise: () => {
      if (isRaised) return;
      isRaised = true;
      setTimeout(() => {
        isRaised = false;
        for (const listener of listeners) listener();
      }, everyMs);
    },
  };
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
