import type { Sql } from '@muster/db';
import { type ApiKeyToken, apiKeyHash, formatApiKeyToken, newApiKeyToken } from '../access/keyring.ts';
import type { Viewer } from '../access/viewer.ts';
import { badUserInput, DomainError, forbidden } from '../base/errors.ts';
import type { CoreInternals } from '../core.ts';
import { type ApiKeyInfo, apiKeyFromRow } from './apiKeyInfo.ts';
import { insertApiKey, type NewApiKey } from './sql/insertApiKey.ts';

/** A new key, and the token that its owner sends, which can't be read again: only a hash is stored. */
export interface MadeApiKey {
  readonly apiKey: ApiKeyInfo;
  readonly token: string;
}

/**
 * Makes a key, in a transaction.
 *
 * @param token by default a new one
 * @throws DomainError LIMIT where the domain has as many keys as it may have (A8)
 */
export async function makeApiKey(
  core: CoreInternals,
  sql: Sql,
  viewer: Viewer,
  key: Omit<NewApiKey, 'id' | 'secretHash' | 'createdBy' | 'madeByKey'>,
  token: ApiKeyToken = newApiKeyToken(),
): Promise<MadeApiKey> {
  const { keys: quota } = core.settings.quotas;
  const row = await insertApiKey(
    sql,
    {
      ...key,
      id: token.id,
      secretHash: new Uint8Array(apiKeyHash(token.secret)),
      createdBy: viewer.subject,
      madeByKey: viewer.credential?.keyId ?? null,
    },
    { quota, clockOffsetMs: core.clockOffsetMs() },
  );
  if (!row) {
    throw new DomainError(
      'LIMIT',
      `expected at most ${quota} API keys that are valid for ${key.domainId ?? 'all domains'}`,
      {
        quota: 'keys',
        limit: quota,
      },
    );
  }
  return { apiKey: apiKeyFromRow(row), token: formatApiKeyToken(token) };
}

/**
 * The time at which a key that is to be made expires.
 *
 * @throws DomainError BAD_USER_INPUT for a time that has passed; FORBIDDEN where the viewer's own key ends sooner (A8)
 */
export function requireFittingEnd<End extends Date | null>(
  core: CoreInternals,
  viewer: Viewer,
  field: string,
  expiresAt: End,
): End {
  if (expiresAt && expiresAt.getTime() <= core.now()) {
    throw badUserInput([field], 'expected a time to come; got one that has passed');
  }
  const { keyId = null, expiresAtMs = null } = viewer.credential ?? {};
  if (keyId === null || expiresAtMs === null || (expiresAt && expiresAt.getTime() <= expiresAtMs)) return expiresAt;
  const end = new Date(expiresAtMs).toISOString();
  throw forbidden(
    viewer,
    `expected ${field} at ${end} or before, since the key that makes it ends then; got ${expiresAt?.toISOString() ?? 'none'}`,
  );
}
