/** A value, and the share that pays for it. */
interface Entry<Value> {
  readonly value: Value;
  readonly size: number;
  readonly share: Share<Value>;
}

/** The part of a cache that one tenant has brought. */
interface Share<Value> {
  readonly tenant: string | null;
  size: number;
  /** Its entries by their keys, the least recently used first. */
  readonly entries: Map<string, Entry<Value>>;
  /** The key that was used last. */
  newest: string;
}

/** The bounds of a cache. */
export interface FairCacheOptions {
  /** The most of all entries together. */
  maxSize: number;
  /** The most of each entry; a larger one is not kept. */
  maxEntrySize: number;
}

/**
 * A bounded cache that tenants share fairly (W12). All find what one has brought. Where the cache is full, the least
 * recently used entry goes of the tenant that has brought the most: made-up texts of one tenant push out only each other,
 * as long as others have brought less.
 */
export class FairCache<Value> {
  readonly #options: FairCacheOptions;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #shares = new Map<string | null, Share<Value>>();
  #size = 0;

  constructor(options: FairCacheOptions) {
    this.#options = options;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const { share, value } = entry;
    if (share.newest !== key) {
      share.entries.delete(key);
      share.entries.set(key, entry);
      share.newest = key;
    }
    return value;
  }

  /** Keeps a value that a tenant brings, instead of one that was kept under the same key. */
  set(tenant: string | null, key: string, value: Value, size: number): void {
    const { maxSize, maxEntrySize } = this.#options;
    this.#drop(key);
    if (size > maxEntrySize) return;
    const share = this.#shares.get(tenant) ?? { tenant, size: 0, entries: new Map(), newest: key };
    const entry = { value, size, share };
    this.#shares.set(tenant, share);
    this.#entries.set(key, entry);
    share.entries.set(key, entry);
    share.newest = key;
    share.size += size;
    this.#size += size;
    while (this.#size > maxSize) this.#dropOldest(this.#largest(share));
  }

  /** The share that has most; `share` where others have as much. */
  #largest(share: Share<Value>): Share<Value> {
    let largest = share;
    for (const each of this.#shares.values()) if (each.size > largest.size) largest = each;
    return largest;
  }

  #dropOldest({ entries }: Share<Value>): void {
    for (const key of entries.keys()) {
      this.#drop(key);
      return;
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const { share, size } = entry;
    this.#entries.delete(key);
    share.entries.delete(key);
    share.size -= size;
    this.#size -= size;
    if (share.entries.size === 0) this.#shares.delete(share.tenant);
  }
}
