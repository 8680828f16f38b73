import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newDomain, openTestCore, refusalOf, type TestCore, type TestDomain } from '../../testing/testCore.ts';
import { openAccess } from '../access/authenticate.ts';
import { apiKeyHash, parseApiKeyToken } from '../access/keyring.ts';
import { openViewer, roles } from '../access/viewer.ts';
import { DomainError } from '../base/errors.ts';
import { listApiKeys, revokeApiKey } from './apiKeys.ts';
import { createApiKey } from './createApiKey.ts';

let t: TestCore;
let domain: TestDomain;
beforeEach(async () => {
  t = await openTestCore();
  domain = newDomain();
});
afterEach(() => t.close());

const make = (input: Partial<Parameters<typeof createApiKey>[2]> = {}, viewer = domain.admin) =>
  createApiKey(t.core, viewer, { name: 'a key', role: 'OPERATOR', domainId: domain.domainId, ...input });

describe('A4: an API key', () => {
  test('lets its owner in, in its role and domain, and is stored as a hash only', async () => {
    const { apiKey, token } = await make();
    expect(await t.core.access.authenticate(token)).toEqual({
      subject: apiKey.id,
      role: 'OPERATOR',
      domainId: domain.domainId,
      credential: { id: apiKey.id, keyId: apiKey.id, expiresAtMs: null },
    });
    const stored = await t.db.prisma.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } });
    const secret = parseApiKeyToken(token)?.secret ?? '';
    expect(Buffer.from(stored.secretHash)).toEqual(apiKeyHash(secret));
    const [row] = await t.db.sql.query<{ text: string }>('SELECT to_jsonb(k)::text AS text FROM api_keys k');
    expect(row?.text).not.toContain(secret);
    expect(apiKey).not.toHaveProperty('secretHash');
    expect(apiKey).toMatchObject({ name: 'a key', createdBy: domain.admin.subject, lastUsedAt: null });
  });

  test('with another secret, of another id, and a text that is none are UNAUTHENTICATED in the same words', async () => {
    const { token } = await make();
    const last = token.at(-2) === 'A' ? 'B' : 'A';
    const wrong = [`${token.slice(0, -2)}${last}${token.at(-1)}`, token.replace(/_[0-9a-f]{12}_/, '_000000000000_')];
    const messages = await Promise.all(
      wrong.map(async (text) => (await refusalOf(() => t.core.access.authenticate(text))).message),
    );
    expect(new Set(messages)).toEqual(new Set(['expected an API key that exists; got another']));
    expect(await refusalOf(() => t.core.access.authenticate('nonsense'))).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await refusalOf(() => t.core.access.authenticate(null))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('counts until it expires', async () => {
    const { token } = await make({ expiresAt: new Date(t.core.now() + 60_000) });
    expect(await t.core.access.authenticate(token)).toMatchObject({ role: 'OPERATOR' });
    t.advance(60_001);
    expect(await refusalOf(() => t.core.access.authenticate(token))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'the credential has expired',
    });
  });

  test('that is revoked counts no longer, and ends what goes on by its right (E6)', async () => {
    const { apiKey, token } = await make();
    const ended = Promise.withResolvers<DomainError>();
    t.core.access.rights.watch(await t.core.access.authenticate(token), ended.resolve);
    expect((await revokeApiKey(t.core, domain.admin, { apiKeyId: apiKey.id })).apiKey).toMatchObject({
      revokedAt: expect.any(Date),
      revokedBy: domain.admin.subject,
    });
    expect((await ended.promise).message).toBe('the API key has been revoked');
    expect(await refusalOf(() => t.core.access.authenticate(token))).toMatchObject({ code: 'UNAUTHENTICATED' });
    const again = await revokeApiKey(t.core, domain.operator, { apiKeyId: apiKey.id });
    expect(again.apiKey.revokedBy).toBe(domain.admin.subject);
  });

  test('says when it was last used', async () => {
    const { apiKey, token } = await make();
    await t.core.access.authenticate(token);
    await expect
      .poll(async () => (await t.db.prisma.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } })).lastUsedAt)
      .toBeInstanceOf(Date);
  });
});

test('E6: another replica is notified of a revoked key, and ends what goes on by its right there', async () => {
  const { apiKey, token } = await make();
  const other = await openAccess({ db: t.db, now: Date.now, polls: false, onWarning: () => {} });
  try {
    const ended = Promise.withResolvers<DomainError>();
    other.rights.watch(await other.authenticate(token), ended.resolve);
    await revokeApiKey(t.core, domain.admin, { apiKeyId: apiKey.id });
    expect(await ended.promise).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await refusalOf(() => other.authenticate(token))).toMatchObject({ code: 'UNAUTHENTICATED' });
  } finally {
    await other.close();
  }
});

describe('A5: with no credentials configured', () => {
  test('everybody is let in, whatever they show, until the first key is made', async () => {
    expect(t.core.access.open).toBe(true);
    expect(await t.core.access.authenticate(null)).toBe(openViewer);
    expect(await t.core.access.authenticate('whatever')).toBe(openViewer);
    const ended = Promise.withResolvers<DomainError>();
    t.core.access.rights.watch(openViewer, ended.resolve);
    const { apiKey } = await make();
    expect((await ended.promise).message).toContain('no longer runs open');
    expect(t.core.access.open).toBe(false);
    await revokeApiKey(t.core, domain.admin, { apiKeyId: apiKey.id });
    expect(await refusalOf(() => t.core.access.authenticate(null))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('a token’s secret is a credential, and keys count beside tokens', async () => {
    const secret = 'a secret of at least thirty-two bytes';
    const access = await openAccess({ db: t.db, jwt: { secret }, now: Date.now, polls: false, onWarning: () => {} });
    try {
      expect(access.open).toBe(false);
      const jwt = await new SignJWT({ sub: 'ada', role: 'VIEWER', domain_id: domain.domainId })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(secret));
      expect(await access.authenticate(jwt)).toMatchObject({ subject: 'ada' });
      expect(await access.authenticate((await make()).token)).toMatchObject({ role: 'OPERATOR' });
    } finally {
      await access.close();
    }
  });
});

describe('A1, A2: who makes and revokes keys', () => {
  test('a VIEWER and an agent neither make, nor see, nor revoke any', async () => {
    const { apiKey } = await make();
    for (const viewer of [domain.viewer, domain.agent]) {
      for (const attempt of [
        () => make({}, viewer),
        () => listApiKeys(t.core, viewer, {}),
        () => revokeApiKey(t.core, viewer, { apiKeyId: apiKey.id }),
      ]) {
        expect(await refusalOf(async () => attempt())).toMatchObject({ code: 'FORBIDDEN' });
      }
    }
  });

  test('an OPERATOR makes them for its domain and up to its role', async () => {
    for (const role of roles) {
      const outcome = await make({ role, domainId: null }, domain.operator).then(
        ({ apiKey }) => apiKey.domainId,
        (error: unknown) => (error instanceof DomainError ? error.code : error),
      );
      expect(outcome, role).toBe(role === 'ADMIN' ? 'FORBIDDEN' : domain.domainId);
    }
    const other = newDomain();
    expect(await refusalOf(make({ domainId: other.domainId }, domain.operator))).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('A3: an OPERATOR sees and revokes no key of another domain, and no ADMIN’s', async () => {
    const other = newDomain();
    const [own, foreign, admins] = [
      await make(),
      await make({ domainId: other.domainId }),
      await make({ role: 'ADMIN' }),
    ];
    const page = await listApiKeys(t.core, domain.operator, {});
    expect(page.edges.map(({ node }) => node.id)).toEqual([own.apiKey.id]);
    expect(await page.totalCount()).toBe(1);
    expect(page.edges[0]?.node).not.toHaveProperty('secretHash');
    for (const { apiKey } of [foreign, admins]) {
      expect(await refusalOf(revokeApiKey(t.core, domain.operator, { apiKeyId: apiKey.id }))).toMatchObject({
        code: 'NOT_FOUND',
        message: `no API key "${apiKey.id}"`,
      });
    }
    expect((await listApiKeys(t.core, domain.admin, {})).edges).toHaveLength(3);
  });

  test('only an ADMIN’s key is for no single domain', async () => {
    expect(await refusalOf(make({ domainId: null }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path: ['domainId'] },
    });
    const { token } = await make({ domainId: null, role: 'ADMIN' });
    expect(await t.core.access.authenticate(token)).toMatchObject({ role: 'ADMIN', domainId: null });
  });

  test.each([
    [{ name: '' }, ['name']],
    [{ name: 'x'.repeat(256) }, ['name']],
    [{ expiresAt: new Date(0) }, ['expiresAt']],
    [{ role: 'ROOT' as 'ADMIN' }, ['role']],
  ])('%j is BAD_USER_INPUT with its path', async (input, path) => {
    expect(await refusalOf(make(input))).toMatchObject({ code: 'BAD_USER_INPUT', details: { path } });
  });
});
