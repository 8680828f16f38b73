import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';

/** For how long nothing is fetched after a failure (W12); an unknown key is looked for as seldom. */
const cooldownMs = 30_000;

/**
 * The public keys at a URL: fetched when needed, kept for ten minutes, and fetched again for an unknown key, once in 30 s. A
 * failure counts for 30 s, so that tokens which nobody can verify don't become requests to a server in trouble; keys that were
 * fetched before go on being used meanwhile.
 */
export function createKeySet(url: URL, now: () => number): JWTVerifyGetKey {
  let failure: { error: unknown; untilMs: number } | undefined;
  const fetchKeys: FetchImplementation = async (...request) => {
    if (failure && now() < failure.untilMs) throw failure.error;
    try {
      const response = await fetch(...request);
      if (!response.ok) throw new Error(`expected keys; got status ${response.status}`);
      // Throws on what is no set of keys.
      createLocalJWKSet((await response.clone().json()) as JSONWebKeySet);
      failure = undefined;
      return response;
    } catch (error) {
      failure = { error, untilMs: now() + cooldownMs };
      throw error;
    }
  };
  return createRemoteJWKSet(url, { cooldownDuration: cooldownMs, [customFetch]: fetchKeys });
}
