import { type ReadonlySignal, signal } from '@preact/signals';
import { createClient } from 'graphql-ws';
import { createCatchUp } from './catchUp.ts';
import type { Document } from './document.ts';
import { errorOf, type ReceivedError, RequestError } from './requestError.ts';
import { pause } from './timers.ts';

/** How live the page is (K2). */
export type LiveStatus =
  /** Nothing on the page is live. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Connected again; what happened meanwhile arrives. */
  | { readonly kind: 'catching-up' }
  | { readonly kind: 'reconnecting'; readonly since: Date };

/** A subscription's parameters and listeners. */
interface Subscription<Result, Variables> {
  readonly document: Document<Result, Variables>;
  /** Asked whenever the subscription begins, and begins again after a lost connection: it names the last cursor. */
  variables(): Variables;
  next(result: Result): void;
  /** The server ended it with an error; it doesn't begin again by itself. */
  failed(error: RequestError): void;
}

/** Subscriptions over one WebSocket, which is opened with the first and closed with the last. */
export interface LiveSocket {
  readonly status: ReadonlySignal<LiveStatus>;
  /** Moves whenever a lost connection is back. */
  readonly returns: ReadonlySignal<number>;
  /** Nothing is called live before this is over, which a lost connection made necessary. */
  catchUpWith(work: Promise<void>): void;
  /** @returns ends the subscription */
  subscribe<Result, Variables>(subscription: Subscription<Result, Variables>): () => void;
  /** Opens the connection anew, for another credential. */
  reconnect(): void;
  close(): void;
}

export interface LiveSocketOptions {
  /** Where GraphQL is answered over HTTP. */
  readonly url: URL;
  /** The credential; undefined for none. */
  authorization(): string | undefined;
  /** Called when the server closes the connection for its credential. */
  onUnauthenticated(error: RequestError): void;
  /** Chance, for the pauses between attempts; 0 to 1. */
  random?: () => number;
}

/** The pauses between attempts to connect double up to this. */
const longestPauseMs = 10_000;
/** A connection is asked this often whether it lives, and given up when it doesn't answer within that time. */
const keepAliveMs = 10_000;
const answerWithinMs = 5_000;

export function openLiveSocket({
  url,
  authorization,
  onUnauthenticated,
  random = Math.random,
}: LiveSocketOptions): LiveSocket {
  const status = signal<LiveStatus>({ kind: 'idle' });
  const returns = signal(0);
  let awaitedPong: ReturnType<typeof setTimeout> | undefined;
  const catchUp = createCatchUp(() => {
    if (status.peek().kind === 'catching-up') status.value = { kind: 'live' };
  });
  let running = 0;

  const client = createClient({
    url: Object.assign(new URL(url), { protocol: url.protocol.replace('http', 'ws') }).href,
    connectionParams: () => parametersFor(authorization()),
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => pause(Math.min(longestPauseMs, 250 * 2 ** retries) * (0.5 + random() / 2)),
    shouldRetry: (event) => !isRefusal(event),
    keepAlive: keepAliveMs,
    on: {
      connected: () => {
        const isBack = status.peek().kind === 'reconnecting';
        status.value = { kind: isBack ? 'catching-up' : 'live' };
        if (!isBack) return;
        returns.value++;
        catchUp.stir();
      },
      ping: (received) => {
        if (!received) awaitedPong = setTimeout(() => client.terminate(), answerWithinMs);
      },
      pong: (received) => {
        if (received) clearTimeout(awaitedPong);
      },
      closed: (event) => {
        clearTimeout(awaitedPong);
        if (isRefusal(event)) onUnauthenticated(refusalOf(event));
        if (running === 0 || isRefusal(event)) status.value = { kind: 'idle' };
        else if (status.peek().kind !== 'reconnecting') status.value = { kind: 'reconnecting', since: new Date() };
      },
    },
  });
  // A network that is gone is known before the connection is missed.
  const onOffline = () => client.terminate();
  addEventListener('offline', onOffline);

  return {
    status,
    returns,
    catchUpWith: catchUp.waitFor,
    subscribe: ({ document, variables, next, failed }) => {
      running++;
      if (status.peek().kind === 'idle') status.value = { kind: 'connecting' };
      let isOver = false;
      const end = client.subscribe<Record<string, unknown>, unknown>(
        // Read anew by graphql-ws whenever it subscribes.
        {
          query: document,
          get variables() {
            return { ...variables() } as Record<string, unknown>;
          },
        },
        {
          next: ({ data, errors }) => {
            if (isOver) return;
            if (status.peek().kind === 'catching-up') catchUp.stir();
            if (errors) failed(errorOf(errors as unknown as readonly ReceivedError[]));
            else next(data as never);
          },
          error: (error) => {
            if (!isOver && Array.isArray(error)) failed(errorOf(error));
          },
          complete: () => {},
        },
      );
      return () => {
        if (isOver) return;
        isOver = true;
        running--;
        end();
        if (running === 0) status.value = { kind: 'idle' };
      };
    },
    reconnect: () => client.terminate(),
    close: () => {
      removeEventListener('offline', onOffline);
      catchUp.close();
      clearTimeout(awaitedPong);
      void client.dispose();
    },
  };
}

const parametersFor = (token: string | undefined) => (token === undefined ? {} : { authorization: token });

/** Why a connection ended, as graphql-ws passes it on. */
interface Closing {
  readonly code: number;
  readonly reason: string;
}

function isRefusal(event: unknown): event is Closing {
  const { reason } = (event ?? {}) as Partial<Closing>;
  return typeof reason === 'string' && /^(UNAUTHENTICATED|FORBIDDEN)/.test(reason);
}

function refusalOf({ reason }: Closing): RequestError {
  const [, code = 'UNAUTHENTICATED', message = reason] = /^(\w+): (.*)/s.exec(reason) ?? [];
  return new RequestError(code, message);
}
