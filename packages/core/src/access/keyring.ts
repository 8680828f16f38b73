import { timingSafeEqual } from 'node:crypto';
import type { Database } from '@muster/db';
import DataLoader from 'dataloader';
import { startRepeating } from '../base/repeat.ts';
import { apiKeyHash, parseApiKeyToken } from './apiKeyToken.ts';
import { rightEnded, unauthenticated } from './refusal.ts';
import type { Rights } from './rights.ts';
import { hasApiKeys } from './sql/hasApiKeys.ts';
import { readApiKeys, type StoredApiKey } from './sql/readApiKeys.ts';
import { touchApiKeys } from './sql/touchApiKeys.ts';
import type { Viewer } from './viewer.ts';

/** E6: a revoked key is noticed within 5 s though no notification came. */
const refreshIntervalMs = 2_000;

/** Keys that are remembered; agents in their thousands may each have one. */
const mostKnown = 50_000;

/** So many ids are asked for by one statement. */
const maxTogether = 5_000;

/** The API keys that this process has seen in use, and what has become of them since. */
export interface Keyring {
  /** Whether any key was ever made (A5). */
  readonly hasKeys: boolean;
  /** @throws DomainError UNAUTHENTICATED unless the text is a key that counts now. */
  viewerOf(token: string): Promise<Viewer>;
  /** Looks what has become of the keys in use; what goes on by the right of a revoked one ends. */
  refreshKeys(): Promise<void>;
  close(): Promise<void>;
}

export interface KeyringOptions {
  db: Database;
  rights: Rights;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Whether it looks by itself too, and not only when it is notified. */
  polls: boolean;
  onWarning(message: string, error: unknown): void;
}

export async function openKeyring({ db, rights, now, polls, onWarning }: KeyringOptions): Promise<Keyring> {
  const known = new Map<string, StoredApiKey>();
  const touched = new Map<string, number>();
  let hasKeys = await hasApiKeys(db.sql);

  const loader = new DataLoader<string, StoredApiKey | null>(
    async (ids) => {
      const found = new Map((await readApiKeys(db.sql, [...new Set(ids)])).map((key) => [key.id, key]));
      return ids.map((id) => found.get(id) ?? null);
    },
    { cache: false, maxBatchSize: maxTogether },
  );

  function remember(key: StoredApiKey): void {
    known.delete(key.id);
    known.set(key.id, key);
    const [oldest] = known.keys();
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
  }

  /** A key's use is recorded now and then, and nobody waits for it. */
  function touch(id: string): void {
    const last = touched.get(id);
    if (last !== undefined && now() - last < 60_000) return;
    if (touched.size >= mostKnown) touched.clear();
    touched.set(id, now());
    touchApiKeys(db.sql, [id]).catch((error: unknown) =>
      onWarning('the use of an API key could not be recorded', error),
    );
  }

  async function refreshKeys(): Promise<void> {
    if (!hasKeys) {
      hasKeys = await hasApiKeys(db.sql);
      if (!hasKeys) return;
      rights.closeOpen();
    }
    const ids = [...new Set([...known.keys(), ...rights.keyIds])];
    for (let start = 0; start < ids.length; start += maxTogether)
      await refreshBatch(ids.slice(start, start + maxTogether));
  }

  async function refreshBatch(ids: readonly string[]): Promise<void> {
    const found = new Map((await readApiKeys(db.sql, ids)).map((key) => [key.id, key]));
    for (const id of ids) {
      const key = found.get(id);
      if (!key || key.revokedAt !== null) {
        known.delete(id);
        rights.revoke(id);
      } else if (known.has(id)) known.set(id, key);
    }
  }

  const onFailure = (error: unknown) => onWarning('the API keys in use could not be looked after', error);
  const stopListening = await db.listen('muster_keys', () => void refreshKeys().catch(onFailure));
  const stopPolling = polls ? startRepeating(refreshIntervalMs, refreshKeys, onFailure) : async () => {};

  return {
    get hasKeys() {
      return hasKeys;
    },
    viewerOf: async (text) => {
      const token = parseApiKeyToken(text);
      if (!token) throw unauthenticated('expected an API key or a JWT; got neither');
      const key = known.get(token.id) ?? (await loader.load(token.id));
      if (!key || !timingSafeEqual(apiKeyHash(token.secret), key.secretHash)) {
        throw unauthenticated('expected an API key that exists; got another');
      }
      if (key.revokedAt !== null) throw rightEnded.revoked();
      const expiresAtMs = key.expiresAt?.getTime() ?? null;
      if (expiresAtMs !== null && expiresAtMs <= now()) throw rightEnded.expired();
      remember(key);
      touch(key.id);
      return {
        subject: key.id,
        role: key.role,
        domainId: key.domainId,
        credential: { id: key.id, keyId: key.id, expiresAtMs },
      };
    },
    refreshKeys,
    close: async () => {
      await stopPolling();
      await stopListening();
    },
  };
}
