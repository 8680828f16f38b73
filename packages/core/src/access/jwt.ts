import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import { DomainError } from '../base/errors.ts';
import { describe } from '../base/validate.ts';
import { unauthenticated } from './refusal.ts';
import { roles, type Viewer } from './viewer.ts';

export interface JwtSettings {
  /** For HS256: at least 32 bytes. */
  secret?: string | undefined;
  /** Where the public keys of other algorithms are; fetched when needed, kept, and fetched anew for an unknown key. */
  jwksUrl?: string | undefined;
  /** What `iss` must be; anything by default. */
  issuer?: string | undefined;
  /** What `aud` must contain; anything by default. */
  audience?: string | undefined;
  /** By how much clocks may differ. Default 30 s. */
  clockSkewSeconds?: number | undefined;
}

/** Symmetric ones are not among them: whoever knows a public key could make tokens with it. */
const publicKeyAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const claims = z.object({
  sub: z.string().min(1).max(255),
  role: z.enum(roles),
  domain_id: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .nullish(),
});

/** A token that has been verified is believed again without verifying it for so long: a rotated key counts after that. */
const believedMs = 60_000;
const mostBelieved = 10_000;

/** Whom tokens speak for (A4): the claims `sub`, `role` and `domain_id`. */
export interface TokenVerifier {
  /** @throws DomainError UNAUTHENTICATED; UNAVAILABLE where the public keys can't be fetched. */
  viewerOf(token: string): Promise<Viewer>;
}

/** Null where no way to verify a token is configured. */
export function createTokenVerifier(settings: JwtSettings, now: () => number): TokenVerifier | null {
  const { secret, jwksUrl } = settings;
  if (secret === undefined && jwksUrl === undefined) return null;
  const skewMs = (settings.clockSkewSeconds ?? 30) * 1_000;
  const secretKey = secret === undefined ? null : new TextEncoder().encode(secret);
  const publicKeys = jwksUrl === undefined ? null : createRemoteJWKSet(new URL(jwksUrl));
  const believed = new Map<string, { viewer: Viewer; untilMs: number }>();

  async function verify(token: string): Promise<Viewer> {
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
    return viewerFrom(payload, skewMs);
  }

  function believe(token: string, viewer: Viewer): void {
    const [oldest] = believed.keys();
    if (believed.size >= mostBelieved && oldest !== undefined) believed.delete(oldest);
    const expiresAtMs = viewer.credential?.expiresAtMs ?? Number.POSITIVE_INFINITY;
    believed.set(token, { viewer, untilMs: Math.min(now() + believedMs, expiresAtMs) });
  }

  return {
    viewerOf: async (token) => {
      const known = believed.get(token);
      if (known && known.untilMs > now()) return known.viewer;
      believed.delete(token);
      try {
        const viewer = await verify(token);
        believe(token, viewer);
        return viewer;
      } catch (error) {
        throw refusalOf(error);
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

function viewerFrom(payload: JWTPayload, skewMs: number): Viewer {
  const result = claims.safeParse(payload);
  if (!result.success) {
    const name = String(result.error.issues[0]?.path[0] ?? 'sub');
    throw unauthenticated(`expected a token with a fitting claim ${name}; got ${describe(payload[name])}`);
  }
  const { sub, role, domain_id } = result.data;
  const domainId = domain_id ?? null;
  if (domainId === null && role !== 'ADMIN') {
    throw unauthenticated(`expected a token with the claim domain_id for the role ${role}; got none`);
  }
  const expiresAtMs = payload.exp === undefined ? null : payload.exp * 1_000 + skewMs;
  return { subject: sub, role, domainId, credential: { id: `${sub}@${domainId ?? '*'}`, keyId: null, expiresAtMs } };
}

/** In our words: what a library says of a token may hold more than whoever sent it should know. */
function refusalOf(error: unknown): unknown {
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
