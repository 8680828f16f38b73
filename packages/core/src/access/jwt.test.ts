import type { webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../testing/refusal.ts';
import { createTokenVerifier, type JwtSettings } from './jwt.ts';

const secret = 'a secret of at least thirty-two bytes';
const nowMs = Date.UTC(2026, 10, 24);
const nowSeconds = nowMs / 1_000;

const bytes = (text: string) => new TextEncoder().encode(text);
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const good = { sub: 'ada', role: 'OPERATOR', domain_id: 'acme' };

const signed = (payload: JWTPayload, key = secret, alg = 'HS256') =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(bytes(key));

function viewerOf(token: string, settings: JwtSettings = { secret }, now = () => nowMs) {
  const verifier = createTokenVerifier(settings, now);
  if (!verifier) throw new Error('expected a verifier');
  return verifier.verify(token);
}

describe('A4: a token of the shared secret', () => {
  test('says who asks, in which role and domain, and until when', async () => {
    const token = await signed({ ...good, exp: nowSeconds + 60 });
    expect(await viewerOf(token)).toEqual({
      subject: 'ada',
      role: 'OPERATOR',
      domainId: 'acme',
      credential: { id: 'ada@acme', keyId: null, expiresAtMs: nowMs + 90_000 },
    });
  });

  test('of an ADMIN needs no domain; of any other role it does', async () => {
    expect(await viewerOf(await signed({ sub: 'root', role: 'ADMIN' }))).toMatchObject({ domainId: null });
    expect(await refusalOf(signed({ sub: 'ada', role: 'VIEWER' }).then((token) => viewerOf(token)))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'expected a token with the claim domain_id for the role VIEWER; got none',
    });
  });

  test.each<[string, () => Promise<string> | string, string]>([
    ['signed with another secret', () => signed(good, 'another secret of thirty-two bytes or so'), 'signature'],
    ['of the algorithm none', () => `${base64({ alg: 'none' })}.${base64(good)}.`, 'HS256'],
    ['of the algorithm none and a signature', () => `${base64({ alg: 'none' })}.${base64(good)}.AAAA`, 'HS256'],
    ['of another symmetric algorithm', () => signed(good, secret.repeat(2), 'HS512'), 'HS256'],
    ['that has expired, by more than clocks may differ', () => signed({ ...good, exp: nowSeconds - 31 }), 'expired'],
    ['that isn’t valid yet', () => signed({ ...good, nbf: nowSeconds + 31 }), 'claim nbf'],
    ['without a subject', () => signed({ role: 'VIEWER', domain_id: 'acme' }), 'claim sub'],
    ['of an unknown role', () => signed({ ...good, role: 'ROOT' }), 'claim role'],
    ['of a malformed domain', () => signed({ ...good, domain_id: 'a b' }), 'claim domain_id'],
    ['that was changed after it was signed', async () => tampered(await signed(good)), 'signature'],
    ['that is no token', () => 'nonsense', 'got neither'],
    ['that is empty', () => '', 'got neither'],
    ['of three parts of nothing', () => '..', 'got neither'],
  ])('%s is UNAUTHENTICATED', async (_what, token, words) => {
    const refusal = await refusalOf(Promise.resolve(token()).then((text) => viewerOf(text)));
    expect(refusal.code).toBe('UNAUTHENTICATED');
    expect(refusal.message).toContain(words);
  });

  test('within what clocks may differ counts', async () => {
    const token = await signed({ ...good, exp: nowSeconds - 29, nbf: nowSeconds + 29 });
    expect(await viewerOf(token)).toMatchObject({ subject: 'ada' });
  });

  test('is believed no longer than it is valid', async () => {
    let now = nowMs;
    const verifier = createTokenVerifier({ secret, clockSkewSeconds: 0 }, () => now);
    const token = await signed({ ...good, exp: nowSeconds + 10 });
    expect(await verifier?.verify(token)).toMatchObject({ subject: 'ada' });
    now += 10_001;
    expect(await refusalOf(async () => verifier?.verify(token))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('for another issuer or audience is UNAUTHENTICATED', async () => {
    const settings = { secret, issuer: 'https://id.example', audience: 'muster' };
    const fits = { ...good, iss: 'https://id.example', aud: ['muster', 'other'] };
    expect(await viewerOf(await signed(fits), settings)).toMatchObject({ subject: 'ada' });
    for (const [name, other] of [
      ['iss', { iss: 'https://evil.example' }],
      ['aud', { aud: 'other' }],
      ['aud', { aud: '' }],
    ] as const) {
      const refusal = await refusalOf(signed({ ...fits, ...other }).then((token) => viewerOf(token, settings)));
      expect(refusal.message).toBe(`expected a token whose claim ${name} fits this server; got another`);
    }
  });
});

describe('A4, A7: an agent’s token', () => {
  const agent = { sub: 'agent', role: 'SUPERVISOR' };

  test('names the domain by the claim did, as existing agents’ tokens do', async () => {
    expect(await viewerOf(await signed({ ...agent, did: 'acme' }))).toMatchObject({ domainId: 'acme' });
    const both = { ...agent, did: 'acme', domain_id: 'acme' };
    expect(await viewerOf(await signed(both))).toMatchObject({ domainId: 'acme' });
    const refusal = await refusalOf(signed({ ...both, did: 'other' }).then((token) => viewerOf(token)));
    expect(refusal).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'expected a token whose claims domain_id and did name one domain; got two',
    });
    const malformed = await refusalOf(signed({ ...agent, did: 'a b' }).then((token) => viewerOf(token)));
    expect(malformed.message).toContain('claim did');
  });

  test('is bound to a host by the claim hostname, or host, which mean nothing for other roles', async () => {
    const bound = { domain_id: 'acme', hostname: 'edge-1' };
    expect(await viewerOf(await signed({ ...agent, ...bound }))).toMatchObject({ boundHostname: 'edge-1' });
    const byHost = { ...agent, did: 'acme', host: 'edge-1' };
    expect(await viewerOf(await signed(byHost))).toMatchObject({ boundHostname: 'edge-1', domainId: 'acme' });
    const two = await refusalOf(signed({ ...byHost, hostname: 'edge-2' }).then((token) => viewerOf(token)));
    expect(two.message).toBe('expected a token whose claims hostname and host name one host; got two');
    for (const role of ['VIEWER', 'OPERATOR', 'ADMIN']) {
      const viewer = await viewerOf(await signed({ ...agent, ...bound, role }));
      expect(viewer).not.toHaveProperty('boundHostname');
    }
    const empty = await refusalOf(signed({ ...agent, ...bound, hostname: '' }).then((token) => viewerOf(token)));
    expect(empty.message).toContain('claim hostname');
  });
});

describe('A4: a token of a public key', () => {
  test('counts as long as the key is at the URL, also one that came later; a secret made of a public key opens nothing', async () => {
    const [first, second] = [await generateKeyPair('RS256'), await generateKeyPair('ES256')];
    const jwkOf = async (key: webcrypto.CryptoKey, kid: string, alg: string): Promise<JWK> => ({
      ...(await exportJWK(key)),
      kid,
      alg,
    });
    const keys = [await jwkOf(first.publicKey, 'first', 'RS256')];
    const server = createServer((_request, response) => void response.end(JSON.stringify({ keys })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const settings = { jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
    try {
      const by = (key: webcrypto.CryptoKey, kid: string, alg: string) =>
        new SignJWT(good).setProtectedHeader({ alg, kid }).sign(key);
      expect(await viewerOf(await by(first.privateKey, 'first', 'RS256'), settings)).toMatchObject({ subject: 'ada' });
      keys.push(await jwkOf(second.publicKey, 'second', 'ES256'));
      expect(await viewerOf(await by(second.privateKey, 'second', 'ES256'), settings)).toMatchObject({
        role: 'OPERATOR',
      });

      const forged = await signed(good, JSON.stringify(keys[0]));
      expect(await refusalOf(viewerOf(forged, settings))).toMatchObject({ code: 'UNAUTHENTICATED' });
      const unknown = await by((await generateKeyPair('RS256')).privateKey, 'third', 'RS256');
      expect(await refusalOf(viewerOf(unknown, settings))).toMatchObject({ code: 'UNAUTHENTICATED' });
    } finally {
      server.close();
    }
  });

  test('is UNAVAILABLE while its key can’t be fetched, without a word on why', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const token = await new SignJWT(good).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    const refusal = await refusalOf(viewerOf(token, { jwksUrl: 'http://127.0.0.1:1/keys' }));
    expect(refusal.code).toBe('UNAVAILABLE');
    expect(refusal.message).not.toContain('127.0.0.1');
  });
});

test('without a secret and without a URL no token is verified', () => {
  expect(createTokenVerifier({}, () => nowMs)).toBeNull();
});

function tampered(token: string): string {
  const [header, , signature] = token.split('.');
  return [header, base64({ ...good, role: 'ADMIN' }), signature].join('.');
}
