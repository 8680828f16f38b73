import type { Database } from '@muster/db';
import { unauthenticated } from '../base/errors.ts';
import { type AgentClaims, signAgentToken } from './agentToken.ts';
import { createTokenVerifier, type JwtSettings } from './jwt.ts';
import { openKeyring, parseKey } from './keyring.ts';
import { createRights, type Rights } from './rights.ts';
import { openViewer, type Viewer } from './viewer.ts';

/** The one place where a credential becomes a viewer, whatever its transport (A4). */
export interface Access {
  /** A5: whether everybody is let in, since no credentials exist and none are configured. */
  readonly open: boolean;
  /**
   * The viewer of a request.
   *
   * @param token an API key or a JWT; null if none was sent
   * @returns the viewer itself, without a promise, if there is nothing to verify: for requests of an open server
   * @throws DomainError UNAUTHENTICATED, or rejects with it; UNAVAILABLE if a token's public keys can't be fetched
   */
  authenticate(token: string | null): Promise<Viewer> | Viewer;
  /** Signs an agent's token (agentToken.ts). */
  signAgentToken(claims: AgentClaims): Promise<string>;
  /** Ends what outlives its viewer's right (E6). */
  readonly rights: Rights;
  /** Reads the API keys in use again, at once. */
  refreshKeys(): Promise<void>;
  close(): Promise<void>;
}

/** The parameters of `openAccess`. */
export interface AccessOptions {
  db: Database;
  /** How tokens are verified; by default no token is accepted. */
  jwt?: JwtSettings | undefined;
  /** A5: whether credentials are asked for even while there are none. By default everybody is let in then. */
  asksCredentials?: boolean | undefined;
  /** Milliseconds since 1970, by this process's clock: credentials expire by it. */
  now: () => number;
  /** Whether revoked keys are also looked for on a timer, and not only upon a notification. */
  polls: boolean;
  onWarning(message: string, error: unknown): void;
}

/** Opens access over a database; it follows notifications until `close`. */
export async function openAccess({
  db,
  jwt,
  asksCredentials = false,
  now,
  polls,
  onWarning,
}: AccessOptions): Promise<Access> {
  const rights = createRights(now);
  const tokens = createTokenVerifier(jwt ?? {}, now);
  const keyring = await openKeyring({ db, rights, now, polls, onWarning });
  const isOpen = () => !asksCredentials && tokens === null && !keyring.hasKeys;

  async function authenticate(token: string | null): Promise<Viewer> {
    // The owner of the first key may come before the notification that there is one.
    if (isOpen() && token !== null && parseKey(token)) await keyring.refreshKeys();
    if (isOpen()) return openViewer;
    if (token === null) throw unauthenticated('expected a credential: an API key or a JWT as bearer token; got none');
    if (tokens === null || parseKey(token)) return keyring.authenticate(token);
    return tokens.verify(token);
  }

  return {
    get open() {
      return isOpen();
    },
    authenticate: (token) => (token === null && isOpen() ? openViewer : authenticate(token)),
    signAgentToken: (claims) => signAgentToken(claims, jwt ?? {}),
    rights,
    refreshKeys: () => keyring.refreshKeys(),
    close: async () => {
      rights.close();
      await keyring.close();
    },
  };
}
