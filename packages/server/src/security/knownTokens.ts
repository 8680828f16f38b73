import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** The most tokens that are remembered; the least recently used one is forgotten. */
const maxTokens = 10_000;

/** Tokens that were valid, by their hashes. */
export interface KnownTokens {
  has(token: string): boolean;
  add(token: string): void;
  delete(token: string): void;
}

/** Makes an empty set of tokens. */
export function createKnownTokens(): KnownTokens {
  const hashes = new LRUCache<string, true>({ max: maxTokens });
  return {
    has: (token) => hashes.get(hashOf(token)) ?? false,
    add: (token) => void hashes.set(hashOf(token), true),
    delete: (token) => void hashes.delete(hashOf(token)),
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
