import { decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { DomainError, unauthenticated } from '../base/errors.ts';
import { describe } from '../base/validate.ts';
import { createKeySet } from './keySet.ts';
import { roles, type Viewer } from './viewer.ts';

/** How tokens are verified; at least one of `secret` and `jwksUrl` is needed to accept any. */
export interface JwtSettings {
  /** The secret of HS256: at least 32 bytes. */
  secret?: string | undefined;
  /** The URL of the public keys of other algorithms; fetched when needed, cached, and fetched again for an unknown key. */
  jwksUrl?: string | undefined;
  /** The required `iss`; by default any. */
  issuer?: string | undefined;
  /** An audience that `aud` must contain; by default any. */
  audience?: string | undefined;
  /** By how much clocks may differ. Default 30 s. */
  clockSkewSeconds?: number | undefined;
}

/** Without symmetric algorithms: with those, anybody who knows a public key could make tokens. */
const publicKeyAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const domainId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/)
  .nullish();

const boundHost = z.string().min(1).max(255).nullish();

const claims = z.object({
  sub: z.string().min(1).max(255),
  role: z.enum(roles),
  domain_id: domainId,
  /** The domain, as existing agents' tokens name it. */
  did: domainId,
  /** A7: binds an agent to one host. */
  hostname: boundHost,
  /** The same, as the tokens that this server makes for agents name it. */
  host: boundHost,
});

/** How long a verified token is cached: a rotated key takes effect after that. */
const cachedMs = 60_000;
const maxCached = 10_000;

/** Turns tokens into viewers, by the claims `sub`, `role`, `domain_id` or `did`, and `hostname` or `host` (A4, A7). */
export interface TokenVerifier {
  /** @throws DomainError UNAUTHENTICATED; UNAVAILABLE where the public keys can't be fetched. */
  verify(token: string): Promise<Viewer>;
}

/** A verifier of tokens; null if neither a secret nor public keys are configured. */
export function createTokenVerifier(settings: JwtSettings, now: () => number): TokenVerifier | null {
  const { secret, jwksUrl } = settings;
  if (secret === undefined && jwksUrl === undefined) return null;
  const skewMs = (settings.clockSkewSeconds ?? 30) * 1_000;
  const secretKey = secret === undefined ? null : new TextEncoder().encode(secret);
  const publicKeys = jwksUrl === undefined ? null : createKeySet(new URL(jwksUrl), now);
  const verified = new LRUCache<string, { viewer: Viewer; untilMs: number }>({ max: maxCached });

  async function readViewer(token: string): Promise<Viewer> {
    const symmetric = algorithmOf(token) === 'HS256';
    const key: JWTVerifyGetKey | null = symmetric ? secretKey && (async () => secretKey) : publicKeys;
    if (!key) throw unauthenticated(`expected a token signed ${symmetric ? 'with a public key' : 'as HS256'}`);
    const { payload } = await jwtVerify(token, key, {
      algorithms: symmetric ? ['HS256'] : publicKeyAlgorithms,
      currentDate: new Date(now()),
      clockTolerance: skewMs / 1_000,
      ...(settings.issuer === undefined ? {} : { issuer: settings.issuer }),
      ...(settings.audience === undefined ? {} : { audience: settings.audience }),
    });
    return viewerFromClaims(payload, skewMs);
  }

  function cache(token: string, viewer: Viewer): void {
    const expiresAtMs = viewer.credential?.expiresAtMs ?? Number.POSITIVE_INFINITY;
    verified.set(token, { viewer, untilMs: Math.min(now() + cachedMs, expiresAtMs) });
  }

  return {
    verify: async (token) => {
      const cached = verified.get(token);
      if (cached && cached.untilMs > now()) return cached.viewer;
      verified.delete(token);
      try {
        const viewer = await readViewer(token);
        cache(token, viewer);
        return viewer;
      } catch (error) {
        throw toDomainError(error);
      }
    },
  };
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    throw neither();
  }
}

const neither = () => unauthenticated('expected an API key or a JWT; got neither');

function viewerFromClaims(payload: JWTPayload, skewMs: number): Viewer {
  const result = claims.safeParse(payload);
  if (!result.success) {
    const name = String(result.error.issues[0]?.path[0] ?? 'sub');
    throw unauthenticated(`expected a token with a fitting claim ${name}; got ${describe(payload[name])}`);
  }
  const { sub, role, domain_id, did, hostname, host } = result.data;
  const domainId = domain_id ?? did ?? null;
  const boundHostname = hostname ?? host ?? null;
  if (did != null && did !== domainId) {
    throw unauthenticated('expected a token whose claims domain_id and did name one domain; got two');
  }
  if (host != null && host !== boundHostname) {
    throw unauthenticated('expected a token whose claims hostname and host name one host; got two');
  }
  if (domainId === null && role !== 'ADMIN') {
    throw unauthenticated(`expected a token with the claim domain_id for the role ${role}; got none`);
  }
  const expiresAtMs = payload.exp === undefined ? null : payload.exp * 1_000 + skewMs;
  return {
    subject: sub,
    role,
    domainId,
    credential: { id: `${sub}@${domainId ?? '*'}`, keyId: null, expiresAtMs },
    // The claim means nothing for other roles: an identity provider may send it for another purpose.
    ...(role === 'SUPERVISOR' && boundHostname !== null ? { boundHostname } : {}),
  };
}

/** The error in our words: a library's message may tell more than the sender of the token should know. */
function toDomainError(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  if (error instanceof errors.JWTExpired) return unauthenticated('the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthenticated(`expected a token whose claim ${error.claim} fits this server; got another`);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return unauthenticated('expected a token with a signature that this server knows; got another');
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return unauthenticated('expected a token signed by an algorithm that this server takes; got another');
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return neither();
  return new DomainError('UNAVAILABLE', 'the keys that tokens are verified with could not be fetched; try again');
}
