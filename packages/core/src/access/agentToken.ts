import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { JwtSettings } from './jwt.ts';

/** The facts in an agent's token. */
export interface AgentClaims {
  /** The id of the API key that the token is. */
  readonly keyId: string;
  readonly domainId: string;
  /** A7: the only host that the agent speaks for. */
  readonly hostname: string;
  readonly expiresAt: Date;
}

/** The protected header of an agent's token. Its length is always the same, which tells it from most other tokens at once. */
const headerOf = (keyId: string) => ({ alg: 'HS256', typ: 'JWT', kid: keyId });
const header = /^\{"alg":"HS256","typ":"JWT","kid":"(key-[0-9a-f]{12})"\}$/;
const headerLength = Buffer.from(JSON.stringify(headerOf('key-000000000000'))).toString('base64url').length;

/**
 * Makes an agent's token: an API key in the form of a JWT, for agents that read their domain from one (`did`) and can't take
 * another form. This server knows it as it knows every API key, by the hash of its text: it can be revoked, it outlives a
 * change of the secret, and a server without a secret makes it too, signed by a key that nobody keeps.
 */
export function signAgentToken(
  { keyId, domainId, hostname, expiresAt }: AgentClaims,
  { secret, issuer, audience }: JwtSettings,
): Promise<string> {
  const claims = {
    sub: keyId,
    role: 'SUPERVISOR',
    domain_id: domainId,
    did: domainId,
    host: hostname,
    exp: Math.floor(expiresAt.getTime() / 1_000),
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(audience === undefined ? {} : { aud: audience }),
  };
  const key = secret === undefined ? randomBytes(32) : new TextEncoder().encode(secret);
  return new SignJWT(claims).setProtectedHeader(headerOf(keyId)).sign(key);
}

/** The API key that an agent's token is: its whole text is the secret. Null for any other text. */
export function parseAgentToken(text: string): { readonly id: string; readonly secret: string } | null {
  if (text.indexOf('.') !== headerLength) return null;
  const [, id] = header.exec(Buffer.from(text.slice(0, headerLength), 'base64url').toString()) ?? [];
  return id === undefined ? null : { id, secret: text };
}
