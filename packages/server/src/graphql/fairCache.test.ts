import { expect, test } from 'vitest';
import { FairCache } from './fairCache.ts';

const create = () => new FairCache<string>({ maxSize: 100, maxEntrySize: 50 });
const keep = (cache: FairCache<string>, tenant: string | null, keys: readonly string[], size = 10) => {
  for (const key of keys) cache.set(tenant, key, `of ${key}`, size);
};
const kept = (cache: FairCache<string>, keys: readonly string[]) => keys.filter((key) => cache.get(key) !== undefined);
const keysOf = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i}`);

test('W12: one tenant may fill the cache, and its least recently used entry goes first', () => {
  const cache = create();
  keep(cache, 'a', keysOf('a', 10));
  expect(cache.get('a0')).toBe('of a0');
  keep(cache, 'a', ['more']);
  expect(kept(cache, [...keysOf('a', 10), 'more'])).toEqual([...keysOf('a', 10).filter((key) => key !== 'a1'), 'more']);
});

test('W12: made-up entries of one tenant push out its own, and no other’s', () => {
  const cache = create();
  keep(cache, 'a', keysOf('a', 3));
  keep(cache, null, keysOf('n', 2));
  keep(cache, 'mallory', keysOf('m', 1_000));
  expect(kept(cache, keysOf('a', 3))).toHaveLength(3);
  expect(kept(cache, keysOf('n', 2))).toHaveLength(2);
  expect(kept(cache, keysOf('m', 1_000))).toEqual(keysOf('m', 1_000).slice(-5));
});

test('W12: a tenant that comes later gets its share of one that has filled the cache', () => {
  const cache = create();
  keep(cache, 'mallory', keysOf('m', 10));
  keep(cache, 'a', keysOf('a', 4));
  expect(kept(cache, keysOf('a', 4))).toHaveLength(4);
  expect(kept(cache, keysOf('m', 10))).toHaveLength(6);
  keep(cache, 'b', keysOf('b', 40));
  // The three have 100 together, and each of them what it brought, or its share.
  expect(kept(cache, keysOf('a', 4))).toHaveLength(4);
  expect(kept(cache, keysOf('b', 40)).length + kept(cache, keysOf('m', 10)).length).toBe(6);
});

test('what one tenant has brought is found by all, and an entry that is brought again belongs to the one that brings it', () => {
  const cache = create();
  keep(cache, 'mallory', ['shared']);
  expect(cache.get('shared')).toBe('of shared');
  keep(cache, 'a', ['shared']);
  keep(cache, 'mallory', keysOf('m', 100));
  expect(cache.get('shared')).toBe('of shared');
});

test('an entry that is too large is not kept', () => {
  const cache = create();
  keep(cache, 'a', ['large'], 51);
  expect(cache.get('large')).toBeUndefined();
});
