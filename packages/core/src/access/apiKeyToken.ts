import { createHash, randomBytes } from 'node:crypto';

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

/** The token of a text; null for a text that is no API key. */
export function parseApiKeyToken(text: string): ApiKeyToken | null {
  const [, digits, secret] = pattern.exec(text) ?? [];
  return digits === undefined || secret === undefined ? null : { id: `key-${digits}`, secret };
}

/** The stored hash of a secret. A secret is as random as the hash is long, so neither salt nor slowness would help. */
export function apiKeyHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
