import { beforeEach, describe, expect, test } from 'vitest';
import { openReplica, openTestCore, refusalOf, type TestCore } from '../../testing/testCore.ts';
import { openViewer } from '../access/viewer.ts';
import { listEvents } from '../event/read.ts';
import { listApiKeys, revokeApiKey } from './apiKeys.ts';
import { createApiKey } from './createApiKey.ts';
import { isApiKey, makeFirstApiKey, newApiKey } from './firstApiKey.ts';

let t: TestCore;
beforeEach(async () => {
  t = await openTestCore();
  return () => t.close();
});

const keys = async () => (await listApiKeys(t.core, openViewer, {})).edges.map(({ node }) => node.id);

describe('A10: the first key, given from outside,', () => {
  test('is an ADMIN’s of all domains, closes an open server, and is an event as every key’s', async () => {
    const text = newApiKey();
    expect(t.core.access.open).toBe(true);
    const made = await makeFirstApiKey(t.core, text);
    expect(made).toMatchObject({ name: 'bootstrap', role: 'ADMIN', domainId: null, expiresAt: null });
    expect(t.core.access.open).toBe(false);
    expect(await t.core.access.authenticate(text)).toMatchObject({ subject: made?.id, role: 'ADMIN', domainId: null });
    const { edges } = await listEvents(t.core, openViewer, {});
    expect(edges.map(({ node }) => node)).toMatchObject([
      { kind: 'API_KEY_CREATED', apiKeyId: made?.id, actor: 'bootstrap' },
    ]);
  });

  test('is made once, however many servers start at the same time, each with the same text or its own', async () => {
    const replica = await openReplica(t.db);
    const text = newApiKey();
    const starts = [t.core, replica.core, t.core, replica.core].map((core, index) =>
      makeFirstApiKey(core, index < 2 ? text : newApiKey()),
    );
    const made = (await Promise.all(starts)).filter((key) => key !== null);
    expect(made).toHaveLength(1);
    expect(await keys()).toEqual([made[0]?.id]);
    await replica.close();
  });

  test('means nothing once a key was made, whichever, also when that was revoked', async () => {
    const { apiKey } = await createApiKey(t.core, openViewer, { name: 'by hand', role: 'ADMIN' });
    await revokeApiKey(t.core, openViewer, { apiKeyId: apiKey.id });
    const text = newApiKey();
    expect(await makeFirstApiKey(t.core, text)).toBeNull();
    expect(await keys()).toEqual([apiKey.id]);
    expect(await refusalOf(() => t.core.access.authenticate(text))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('has the form of a key; another text is refused', async () => {
    expect(isApiKey(newApiKey())).toBe(true);
    for (const text of ['secret', `${newApiKey()}x`, '']) {
      expect(isApiKey(text)).toBe(false);
      expect(await refusalOf(() => makeFirstApiKey(t.core, text))).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    expect(await keys()).toEqual([]);
  });
});
