import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Database, ownWork } from '@muster/db';
import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import { unauthenticated } from '../base/errors.ts';
import { startRepeating } from '../base/repeat.ts';
import { parseAgentToken } from './agentToken.ts';
import { rightEnded } from './rightEnded.ts';
import type { Rights } from './rights.ts';
import { hasApiKeys } from './sql/hasApiKeys.ts';
import { readApiKeys, type StoredApiKey } from './sql/readApiKeys.ts';
import { touchApiKeys } from './sql/touchApiKeys.ts';
import type { Viewer } from './viewer.ts';

/** E6: a revoked key is noticed within 5 s even if no notification came. */
const refreshIntervalMs = 2_000;

/** Keys that are cached; agents in their thousands may each have one. */
const maxCached = 50_000;

/** Ids that one statement asks for. */
const maxTogether = 5_000;

/** How often the use of a key is recorded. */
const touchIntervalMs = 60_000;

/** The API keys that this process has seen in use, kept up to date. */
export interface Keyring {
  /** Whether any key was ever made (A5). */
  readonly hasKeys: boolean;
  /** @throws DomainError UNAUTHENTICATED unless the text is a key that is valid now. */
  authenticate(text: string): Promise<Viewer>;
  /** Reads the keys in use again; everything that goes on by the right of a revoked key ends. */
  refreshKeys(): Promise<void>;
  close(): Promise<void>;
}

/** The parameters of a keyring. */
export interface KeyringOptions {
  db: Database;
  rights: Rights;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Whether keys are also refreshed on a timer, and not only upon a notification. */
  polls: boolean;
  onWarning(message: string, error: unknown): void;
}

/** Opens the keyring; it follows notifications until `close`. */
export async function openKeyring(options: KeyringOptions): Promise<Keyring> {
  const { db, polls, onWarning } = options;
  const keys = new CachedKeys(options, await hasApiKeys(db.sql));
  const onFailure = (error: unknown) => onWarning('the API keys in use could not be looked after', error);
  const stopListening = await db.listen('muster_keys', () => void keys.refresh().catch(onFailure));
  const stopPolling = polls ? startRepeating(refreshIntervalMs, () => keys.refresh(), onFailure) : async () => {};
  return {
    get hasKeys() {
      return keys.hasKeys;
    },
    authenticate: (text) => keys.authenticate(text),
    refreshKeys: () => keys.refresh(),
    close: async () => {
      await stopPolling();
      await stopListening();
    },
  };
}

/** A key in the cache. */
interface CachedKey {
  key: StoredApiKey;
  /** When the key's use was last recorded; null for not yet. */
  touchedAtMs: number | null;
}

class CachedKeys {
  readonly #options: KeyringOptions;
  readonly #cached = new LRUCache<string, CachedKey>({ max: maxCached });
  /** Reads keys that are not cached, those of one turn together. */
  readonly #loader: DataLoader<string, StoredApiKey | null>;
  #hasKeys: boolean;

  constructor(options: KeyringOptions, hasKeys: boolean) {
    this.#options = options;
    this.#hasKeys = hasKeys;
    this.#loader = new DataLoader((ids) => this.#readAll(ids), { cache: false, maxBatchSize: maxTogether });
  }

  get hasKeys(): boolean {
    return this.#hasKeys;
  }

  async authenticate(text: string): Promise<Viewer> {
    const token = parseKey(text);
    if (!token) throw unauthenticated('expected an API key or a JWT; got neither');
    const key = this.#cached.get(token.id)?.key ?? (await this.#loader.load(token.id));
    if (!key || !isSecretOf(token, key)) throw unauthenticated('expected an API key that exists; got another');
    const { id, role, domainId, expiresAt, revokedAt, hostname, enrolls } = key;
    if (revokedAt !== null) throw rightEnded.revoked();
    const expiresAtMs = expiresAt?.getTime() ?? null;
    if (expiresAtMs !== null && expiresAtMs <= this.#options.now()) throw rightEnded.expired();
    this.#use(key);
    return {
      subject: id,
      role,
      domainId,
      credential: { id, keyId: id, expiresAtMs },
      ...(hostname === null ? {} : { boundHostname: hostname }),
      ...(enrolls ? { enrolls } : {}),
    };
  }

  async refresh(): Promise<void> {
    const { db, rights } = this.#options;
    if (!this.#hasKeys) {
      this.#hasKeys = await hasApiKeys(db.sql);
      if (!this.#hasKeys) return;
      rights.closeOpen();
    }
    const ids = [...new Set([...this.#cached.keys(), ...rights.keyIds])];
    for (let start = 0; start < ids.length; start += maxTogether) {
      await this.#refreshBatch(ids.slice(start, start + maxTogether));
    }
  }

  async #refreshBatch(ids: readonly string[]): Promise<void> {
    const keys = await this.#readAll(ids);
    for (const [i, id] of ids.entries()) {
      const key = keys[i];
      const cached = this.#cached.peek(id);
      if (!key || key.revokedAt !== null) {
        this.#cached.delete(id);
        this.#options.rights.revoke(id);
      } else if (cached) {
        cached.key = key;
      }
    }
  }

  /** The keys with these ids, in their order; null for an id without a key. */
  async #readAll(ids: readonly string[]): Promise<(StoredApiKey | null)[]> {
    const { db } = this.#options;
    const keys = await db.runAs(ownWork('probes'), () => readApiKeys(db.shortSql, [...new Set(ids)]));
    const byId = new Map(keys.map((key) => [key.id, key]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** Caches a key, and records its use now and then; nobody waits for that. */
  #use(key: StoredApiKey): void {
    const { db, now, onWarning } = this.#options;
    const cached = this.#cached.get(key.id) ?? { key, touchedAtMs: null };
    this.#cached.set(key.id, cached);
    const nowMs = now();
    if (cached.touchedAtMs !== null && nowMs - cached.touchedAtMs < touchIntervalMs) return;
    cached.touchedAtMs = nowMs;
    const touched = db.runAs(ownWork('sweeps'), () => touchApiKeys(db.sql, [key.id]));
    touched.catch((error: unknown) => onWarning('the use of an API key could not be recorded', error));
  }
}

function isSecretOf(token: ApiKeyToken, key: StoredApiKey): boolean {
  return timingSafeEqual(apiKeyHash(token.secret), key.secretHash);
}

/** An API key as its owner sends it: the text `muster_`, the id's 12 hex digits, `_` and 32 random bytes as base64url. */
export interface ApiKeyToken {
  /** `key-` and 12 hex digits. */
  readonly id: string;
  readonly secret: string;
}

const pattern = /^muster_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

/** A new token, with a random id and secret. */
export function newApiKeyToken(): ApiKeyToken {
  return { id: `key-${randomBytes(6).toString('hex')}`, secret: randomBytes(32).toString('base64url') };
}

/** The token's text. */
export function formatApiKeyToken({ id, secret }: ApiKeyToken): string {
  return `muster_${id.slice('key-'.length)}_${secret}`;
}

/** The API key that a credential is, in either of its forms; null for one that is none. */
export const parseKey = (text: string): ApiKeyToken | null => parseApiKeyToken(text) ?? parseAgentToken(text);

/** The token of a text; null for a text that is no API key. */
export function parseApiKeyToken(text: string): ApiKeyToken | null {
  const [, digits, secret] = pattern.exec(text) ?? [];
  return digits === undefined || secret === undefined ? null : { id: `key-${digits}`, secret };
}

/** The stored hash of a secret. A secret is as random as the hash is long, so neither salt nor slowness would help. */
export function apiKeyHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
