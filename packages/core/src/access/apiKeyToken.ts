import { createHash, randomBytes } from 'node:crypto';

/** An API key as its owner holds it: the text `muster_`, its id's 12 hex digits, `_` and 32 random bytes. */
export interface ApiKeyToken {
  /** `key-` and 12 hex digits: what it goes by. */
  readonly id: string;
  readonly secret: string;
}

const pattern = /^muster_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

export function newApiKeyToken(): ApiKeyToken {
  return { id: `key-${randomBytes(6).toString('hex')}`, secret: randomBytes(32).toString('base64url') };
}

export function formatApiKeyToken({ id, secret }: ApiKeyToken): string {
  return `muster_${id.slice('key-'.length)}_${secret}`;
}

/** Null for a text that is no API key. */
export function parseApiKeyToken(text: string): ApiKeyToken | null {
  const [, digits, secret] = pattern.exec(text) ?? [];
  return digits === undefined || secret === undefined ? null : { id: `key-${digits}`, secret };
}

/** What is stored of a key. The secret is as random as the hash is long, so neither salt nor slowness would add anything. */
export function apiKeyHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
