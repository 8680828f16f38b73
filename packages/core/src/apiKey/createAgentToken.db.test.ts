import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { newDomain, publish, refusalOf, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import { openAccess } from '../access/authenticate.ts';
import type { Viewer } from '../access/viewer.ts';
import { listApiKeys, revokeApiKey } from './apiKeys.ts';
import { createAgentToken } from './createAgentToken.ts';
import { createApiKey } from './createApiKey.ts';
import { makeFirstApiKey } from './firstApiKey.ts';

const secret = 'a secret of at least thirty-two bytes';
const t = useTestCore();
const make = (domain: TestDomain, input = {}, viewer: Viewer = domain.operator) =>
  createAgentToken(t.core, viewer, { hostname: 'edge-1', ...input });

test('A5: while the server runs open the token is a JWT that agents can read, and no key closes the server', async () => {
  const domain = newDomain();
  const { apiKey, token } = await make(domain);
  expect(apiKey).toBeNull();
  expect(t.core.access.open).toBe(true);
  expect(decodeJwt(token)).toMatchObject({ did: domain.domainId, host: 'edge-1' });
  expect(await t.core.access.authenticate(token)).toMatchObject({ role: 'ADMIN' });
  await createApiKey(t.core, domain.admin, { name: 'first', role: 'ADMIN' });
  expect(t.core.access.open).toBe(false);
  expect(await refusalOf(() => t.core.access.authenticate(token))).toMatchObject({
    code: 'UNAUTHENTICATED',
    message: 'expected an API key that exists; got another',
  });
});

describe('A4, A7: an agent’s token', () => {
  test('is a JWT of three parts with the claims that existing agents read, and speaks for one host', async () => {
    const domain = newDomain();
    const { apiKey, token, expiresAt } = await make(domain);
    expect(token.split('.')).toHaveLength(3);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT', kid: apiKey?.id });
    expect(decodeJwt(token)).toEqual({
      sub: apiKey?.id,
      role: 'SUPERVISOR',
      domain_id: domain.domainId,
      did: domain.domainId,
      host: 'edge-1',
      exp: Math.floor(expiresAt.getTime() / 1_000),
    });
    const viewer = await t.core.access.authenticate(token);
    expect(viewer).toMatchObject({ role: 'SUPERVISOR', domainId: domain.domainId, boundHostname: 'edge-1' });
    await publish(t, domain, { hostname: 'edge-1' }, viewer);
    expect(await refusalOf(publish(t, domain, { hostname: 'edge-2' }, viewer))).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('is an API key: it is listed under its host’s name, and revoked', async () => {
    const domain = newDomain();
    const { apiKey, token } = await make(domain);
    const { edges } = await listApiKeys(t.core, domain.operator, {});
    expect(edges.map(({ node }) => node)).toMatchObject([{ id: apiKey?.id, name: 'edge-1', hostname: 'edge-1' }]);
    await revokeApiKey(t.core, domain.operator, { apiKeyId: apiKey?.id ?? '' });
    expect(await refusalOf(() => t.core.access.authenticate(token))).toMatchObject({
      message: 'the API key has been revoked',
    });
  });

  test('counts as it was made, and not with a part of it changed', async () => {
    const domain = newDomain();
    const { token } = await make(domain);
    const [header, , signature] = token.split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'x', role: 'ADMIN' })).toString('base64url');
    for (const changed of [`${header}.${claims}.${signature}`, `${token}A`, `${header}.${claims}.`]) {
      expect(await refusalOf(() => t.core.access.authenticate(changed))).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    expect(await refusalOf(makeFirstApiKey(t.core, token))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('ends after one year, or when it is said to, and no later than the key that makes it (A8)', async () => {
    const domain = newDomain();
    const inMs = (ms: number) => new Date(t.core.now() + ms);
    const year = 365 * 86_400_000;
    expect((await make(domain)).expiresAt.getTime()).toBeCloseTo(t.core.now() + year, -5);
    const end = inMs(60_000);
    const { apiKey, token } = await createApiKey(t.core, domain.operator, {
      name: 'brief',
      role: 'OPERATOR',
      expiresAt: end,
    });
    const maker = await t.core.access.authenticate(token);
    const made = await make(domain, {}, maker);
    expect(made).toMatchObject({ expiresAt: end, apiKey: { madeByKey: apiKey.id } });
    expect(await refusalOf(make(domain, { expiresAt: inMs(120_000) }, maker))).toMatchObject({ code: 'FORBIDDEN' });
    t.advance(60_001);
    expect(await refusalOf(() => t.core.access.authenticate(made.token))).toMatchObject({
      message: 'the credential has expired',
    });
  });

  test('is made by whoever makes API keys (A1, A2)', async () => {
    const domain = newDomain();
    for (const viewer of [domain.viewer, domain.agent]) {
      expect(await refusalOf(make(domain, {}, viewer))).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await refusalOf(make(domain, { domainId: newDomain().domainId }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusalOf(make(domain, { hostname: '' }))).toMatchObject({ details: { path: ['hostname'] } });
    expect(await refusalOf(make(domain, { expiresAt: new Date(0) }))).toMatchObject({
      details: { path: ['expiresAt'] },
    });
  });

  test('is signed with the secret of JWTs where there is one, and outlives a change of it', async () => {
    const open = (jwt: { secret: string }) =>
      openAccess({ db: t.db, jwt, now: t.core.now, polls: false, onWarning: () => {} });
    const domain = newDomain();
    const before = await open({ secret });
    const after = await open({ secret: `${secret}, another` });
    try {
      const core = { ...t.core, access: before };
      const { apiKey, token } = await createAgentToken(core, domain.operator, { hostname: 'edge-1' });
      const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
        currentDate: new Date(t.core.now()),
      });
      expect(payload).toMatchObject({ sub: apiKey?.id, did: domain.domainId });
      for (const access of [before, after]) {
        expect(await access.authenticate(token)).toMatchObject({ subject: apiKey?.id, boundHostname: 'edge-1' });
      }
      await revokeApiKey(t.core, domain.operator, { apiKeyId: apiKey?.id ?? '' });
      await before.refreshKeys();
      expect(await refusalOf(() => before.authenticate(token))).toMatchObject({ code: 'UNAUTHENTICATED' });
    } finally {
      await before.close();
      await after.close();
    }
  });
});
