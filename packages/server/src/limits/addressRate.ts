import { LRUCache } from 'lru-cache';
import { TokenBucket, type TokenRate } from './tokenBucket.ts';

/** A token bucket for each address. */
export interface AddressRate {
  readonly rate: TokenRate;
  /** Takes one token of the address. @returns 0; or, where it has none left, the milliseconds until it has one again */
  take(key: string): number;
  /** Gives a token back that the address has taken. */
  giveBack(key: string): void;
  /** Whether the address has all its tokens. */
  isFull(key: string): boolean;
}

/**
 * The most addresses that are remembered; the least recently used one is forgotten, and has a full bucket again. Nobody
 * who has more addresses than this is bounded by address.
 */
const maxAddresses = 50_000;

/**
 * Makes a rate by which every address has a full bucket.
 *
 * Written by hand, since the limiters of rate-limiter-flexible answer by promises only: an address is looked up with
 * every request, and most requests of an open server are answered without any.
 *
 * @param now milliseconds that only go forward
 */
export function createAddressRate(rate: TokenRate, now: () => number): AddressRate {
  const buckets = new LRUCache<string, TokenBucket>({ max: maxAddresses });
  return {
    rate,
    take: (key) => {
      const bucket = buckets.get(key) ?? new TokenBucket(rate, now());
      buckets.set(key, bucket);
      return bucket.take(now());
    },
    giveBack: (key) => buckets.get(key)?.giveBack(now()),
    isFull: (key) => buckets.get(key)?.isFull(now()) ?? true,
  };
}
