import { formatApiKeyToken, newApiKeyToken, parseApiKeyToken } from '../access/keyring.ts';
import { hasApiKeys } from '../access/sql/hasApiKeys.ts';
import type { Viewer } from '../access/viewer.ts';
import { badUserInput } from '../base/errors.ts';
import { type Core, internalsOf } from '../core.ts';
import type { ApiKeyInfo } from './apiKeyInfo.ts';
import { makeApiKey } from './makeApiKey.ts';
import { lockFirstApiKey } from './sql/lockFirstApiKey.ts';

/** Who gives a server its first key: the actor of that event. */
const bootstrap: Viewer = { subject: 'bootstrap', role: 'ADMIN', domainId: null };

/** Whether a text has the form of an API key. */
export const isApiKey = (text: string): boolean => parseApiKeyToken(text) !== null;

/** The text of a new API key, which nobody has made yet. */
export const newApiKey = (): string => formatApiKeyToken(newApiKeyToken());

/**
 * A10: makes the API key of a text, an ADMIN's of all domains that never ends, unless a key was ever made.
 *
 * @returns null where there was a key already, a revoked one included
 * @throws DomainError BAD_USER_INPUT for a text that is no API key
 */
export async function makeFirstApiKey(core: Core, text: string): Promise<ApiKeyInfo | null> {
  const { db } = internalsOf(core);
  const token = parseApiKeyToken(text);
  if (token === null) throw badUserInput(['key'], 'expected an API key; got another text');
  // Most starts find a key: they take no lock, and nothing is written to a database that may be read-only.
  if (await hasApiKeys(db.sql)) return null;
  const made = await db.transaction(async (sql) => {
    await lockFirstApiKey(sql);
    if (await hasApiKeys(sql)) return null;
    const key = { name: 'bootstrap', role: 'ADMIN', domainId: null, expiresAt: null } as const;
    return makeApiKey(internalsOf(core), sql, bootstrap, { ...key, hostname: null, enrollment: null }, token);
  });
  await core.access.refreshKeys();
  return made?.apiKey ?? null;
}
