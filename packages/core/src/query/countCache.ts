import { LRUCache } from 'lru-cache';

/** A number of rows, and the state of the log that the count is valid for: see count.ts. */
export interface CachedCount {
  readonly after: string;
  readonly count: number;
}

/** Numbers of rows counted before, by scope. */
export interface CountCache {
  get(scope: string): CachedCount | undefined;
  set(scope: string, counted: CachedCount): void;
}

/** Counts that are kept; beyond, the least recently used one is dropped. */
const maxScopes = 10_000;

/** A cache without counts. */
export const createCountCache = (): CountCache => new LRUCache<string, CachedCount>({ max: maxScopes });
