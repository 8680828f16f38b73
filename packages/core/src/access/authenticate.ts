import type { Database } from '@muster/db';
import { parseApiKeyToken } from './apiKeyToken.ts';
import { createTokenVerifier, type JwtSettings } from './jwt.ts';
import { openKeyring } from './keyring.ts';
import { unauthenticated } from './refusal.ts';
import { createRights, type Rights } from './rights.ts';
import { openViewer, type Viewer } from './viewer.ts';

/** The one place where a credential becomes a viewer, whichever way it came (A4). */
export interface Access {
  /** A5: whether everybody is let in, since there is no credential to ask for. */
  readonly open: boolean;
  /**
   * Whom a request is from.
   *
   * @param token an API key or a JWT; null where none was sent
   * @returns the viewer at once where there is nothing to look at: nearly every request of an open server
   * @throws DomainError UNAUTHENTICATED, or rejects with it
   */
  authenticate(token: string | null): Promise<Viewer> | Viewer;
  readonly rights: Rights;
  /** Looks at once what has become of the API keys in use. */
  refreshKeys(): Promise<void>;
  close(): Promise<void>;
}

export interface AccessOptions {
  db: Database;
  jwt?: JwtSettings | undefined;
  /** Milliseconds since 1970, by this process's clock: tokens are judged by it. */
  now: () => number;
  /** Whether it looks for revoked keys by itself too, and not only when it is notified. */
  polls: boolean;
  onWarning(message: string, error: unknown): void;
}

export async function openAccess({ db, jwt, now, polls, onWarning }: AccessOptions): Promise<Access> {
  const rights = createRights(now);
  const tokens = createTokenVerifier(jwt ?? {}, now);
  const keyring = await openKeyring({ db, rights, now, polls, onWarning });
  const isOpen = () => tokens === null && !keyring.hasKeys;

  async function authenticate(token: string | null): Promise<Viewer> {
    // Whoever has a key knows of the first one earlier than this process may.
    if (isOpen() && token !== null && parseApiKeyToken(token)) await keyring.refreshKeys();
    if (isOpen()) return openViewer;
    if (token === null) throw unauthenticated('expected a credential: an API key or a JWT as bearer token; got none');
    if (tokens === null || parseApiKeyToken(token)) return keyring.viewerOf(token);
    return tokens.viewerOf(token);
  }

  return {
    get open() {
      return isOpen();
    },
    authenticate: (token) => (token === null && isOpen() ? openViewer : authenticate(token)),
    rights,
    refreshKeys: () => keyring.refreshKeys(),
    close: async () => {
      rights.close();
      await keyring.close();
    },
  };
}
