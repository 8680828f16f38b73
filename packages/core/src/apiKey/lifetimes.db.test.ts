import { describe, expect, test } from 'vitest';
import { newDomain, publish, refusalOf, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import type { Role, Viewer } from '../access/viewer.ts';
import { listApiKeys, revokeApiKey } from './apiKeys.ts';
import { createApiKey } from './createApiKey.ts';
import { createEnrollmentKey } from './createEnrollmentKey.ts';

const t = useTestCore();

const minute = 60_000;
const inMs = (ms: number) => new Date(t.core.now() + ms);

async function make(domain: TestDomain, viewer: Viewer, input: { role?: Role; expiresAt?: Date } = {}) {
  const { domainId } = domain;
  const { apiKey, token } = await createApiKey(t.core, viewer, { name: 'a', role: 'OPERATOR', domainId, ...input });
  return { apiKey, viewer: await t.core.access.authenticate(token) };
}

describe('A8: a key that has an end makes none that ends later', () => {
  test('nor one without an end', async () => {
    const domain = newDomain();
    const parent = await make(domain, domain.operator, { expiresAt: inMs(minute) });
    for (const expiresAt of [undefined, inMs(minute + 5_000)]) {
      const input = expiresAt === undefined ? {} : { expiresAt };
      expect(await refusalOf(make(domain, parent.viewer, input))).toMatchObject({
        code: 'FORBIDDEN',
        message: expect.stringMatching(
          /^expected expiresAt at .* or before, since the key that makes it ends then; got /,
        ),
      });
    }
    const child = await make(domain, parent.viewer, { expiresAt: inMs(minute - 5_000) });
    expect(child.apiKey.madeByKey).toBe(parent.apiKey.id);
  });

  test('not by way of an enrollment key either', async () => {
    const domain = newDomain();
    const parent = await make(domain, domain.operator, { expiresAt: inMs(minute) });
    const end = parent.apiKey.expiresAt;
    const input = { name: 'fleet', maxNewcomers: 5 };
    for (const late of [{ expiresAt: inMs(2 * minute) }, { keysExpireAt: inMs(2 * minute) }]) {
      const attempt = createEnrollmentKey(t.core, parent.viewer, { ...input, ...late });
      expect(await refusalOf(attempt)).toMatchObject({ code: 'FORBIDDEN' });
    }
    const { apiKey, token } = await createEnrollmentKey(t.core, parent.viewer, input);
    expect(apiKey).toMatchObject({ expiresAt: end, newcomerKeysExpireAt: end });
    const enrolled = await publish(t, domain, { hostname: 'a' }, await t.core.access.authenticate(token));
    const own = await t.core.access.authenticate(enrolled.token);
    expect(own.credential?.expiresAtMs).toBe(end?.getTime());
  });

  test('a token, which always ends, makes keys of any lifetime', async () => {
    const domain = newDomain();
    const credential = { id: 'ada', keyId: null, expiresAtMs: t.core.now() + minute };
    const { apiKey } = await make(domain, { ...domain.operator, credential });
    expect(apiKey).toMatchObject({ expiresAt: null, madeByKey: null });
  });
});

describe('A8: revoking a key', () => {
  async function family(domain: TestDomain) {
    const parent = await make(domain, domain.operator);
    const child = await make(domain, parent.viewer);
    const grandchild = await make(domain, child.viewer);
    const sibling = await make(domain, domain.operator);
    return { parent, child, grandchild, sibling };
  }
  const isRevoked = async ({ apiKey }: { apiKey: { id: string } }) =>
    (await t.db.prisma.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } })).revokedAt !== null;

  test('tells which keys it made, and leaves them', async () => {
    const domain = newDomain();
    const { parent, child, grandchild } = await family(domain);
    const { revokedMadeKeys } = await revokeApiKey(t.core, domain.operator, { apiKeyId: parent.apiKey.id });
    expect(revokedMadeKeys).toBe(0);
    expect(await isRevoked(child)).toBe(false);
    const made = await listApiKeys(t.core, domain.operator, { madeByKey: parent.apiKey.id });
    expect(made.edges.map(({ node }) => node.id)).toEqual([child.apiKey.id]);
    expect(await isRevoked(grandchild)).toBe(false);
  });

  test('with cascade ends those and the keys that these made, each by an event, and no other', async () => {
    const domain = newDomain();
    const { parent, child, grandchild, sibling } = await family(domain);
    const input = { apiKeyId: parent.apiKey.id, cascade: true };
    expect(await revokeApiKey(t.core, domain.operator, input)).toMatchObject({ revokedMadeKeys: 2 });
    expect(await Promise.all([parent, child, grandchild, sibling].map(isRevoked))).toEqual([true, true, true, false]);
    expect(await t.db.prisma.event.count({ where: { kind: 'API_KEY_REVOKED', domainId: domain.domainId } })).toBe(3);
    expect(await revokeApiKey(t.core, domain.operator, input)).toMatchObject({ revokedMadeKeys: 0 });
  });

  test('also after it was revoked, cascade ends what it made', async () => {
    const domain = newDomain();
    const { parent, child } = await family(domain);
    await revokeApiKey(t.core, domain.operator, { apiKeyId: parent.apiKey.id });
    await revokeApiKey(t.core, domain.operator, { apiKeyId: parent.apiKey.id, cascade: true });
    expect(await isRevoked(child)).toBe(true);
  });

  test('A3: of another domain, or of an ADMIN by an OPERATOR, is NOT_FOUND and ends nothing', async () => {
    const [domain, other] = [newDomain(), newDomain()];
    const { parent, child } = await family(domain);
    const admins = await make(domain, domain.admin, { role: 'ADMIN' });
    for (const [viewer, key] of [
      [other.operator, parent],
      [domain.operator, admins],
    ] as const) {
      const attempt = revokeApiKey(t.core, viewer, { apiKeyId: key.apiKey.id, cascade: true });
      expect(await refusalOf(attempt)).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await Promise.all([parent, child, admins].map(isRevoked))).toEqual([false, false, false]);
  });
});
