import type { Viewer } from '@muster/core';
import type { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../limits/caller.ts';
import { viewerKey } from '../limits/rateLimiter.ts';
import type { Authentication, Client } from './authentication.ts';

/** How many refusals of one client are answered at once, and how many more a second. */
const perSecond = 200;
const burstMs = 1_000;
/** The longest time for which a refusal is held back. */
const longestMs = 5_000;
/** Refusals that would have to wait for longer are spread over this last part of it, so that they don't come back all at once. */
const spreadMs = 4_000;
/** The most clients that are remembered; the least recently refused one is forgotten. */
const maxClients = 50_000;

/** The pace of refusals with RATE_LIMITED, of each credential, or address where no credential is known (W7). */
export interface RefusalPace {
  /**
   * Holds back a refusal of a client that goes on though it is refused. A client that keeps to `retryAfterMs` is answered
   * at once.
   *
   * @param of the credential's viewer; the client, where no credential is known
   * @returns what to wait for before the refusal is sent, at most 5 s; undefined where it is sent at once
   */
  hold(refusal: GraphQLError, of: Viewer | Client, caller: Pick<Caller, 'onGone'>): Promise<void> | undefined;
}

/**
 * @param now milliseconds that only go forward
 * @param random from 0 up to 1
 */
export function createRefusalPace(
  authentication: Pick<Authentication, 'addressOf'>,
  now: () => number = performance.now.bind(performance),
  random: () => number = Math.random,
): RefusalPace {
  /** When the latest refusal of a client is due, were they all sent one after another; at most `longestMs` from its time on. */
  const dueMs = new LRUCache<string, number>({ max: maxClients });
  const keyOf = (of: Viewer | Client) =>
    'connection' in of ? `address ${authentication.addressOf(of).key}` : `credential ${viewerKey(of)}`;

  return {
    hold: ({ extensions }, of, caller) => {
      if (extensions.code !== 'RATE_LIMITED') return undefined;
      const key = keyOf(of);
      const nowMs = now();
      const nextMs = Math.max(dueMs.get(key) ?? 0, nowMs - burstMs) + 1_000 / perSecond;
      const delayMs = nextMs - nowMs;
      dueMs.set(key, Math.min(nextMs, nowMs + longestMs));
      if (delayMs <= 0) return undefined;
      return untilDue(delayMs <= longestMs ? delayMs : longestMs - spreadMs * random(), caller);
    },
  };
}

/** Resolves after the delay, or once the client goes. */
async function untilDue(delayMs: number, caller: Pick<Caller, 'onGone'>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, delayMs);
  const stopListening = caller.onGone(resolve);
  await promise;
  clearTimeout(timer);
  stopListening();
}
