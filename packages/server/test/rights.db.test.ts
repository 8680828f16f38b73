import { randomBytes } from 'node:crypto';
import { createApiKey, openCore, revokeApiKey, type Viewer } from '@muster/core';
import { openTestDatabase } from '@muster/db/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSocket, openStream, startTestServer, type TestServer } from '../testing/index.ts';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };
const subscription = 'subscription { watchSupervisors { type supervisorId } }';

let server: TestServer;
let makers: Awaited<ReturnType<typeof openCore>>;
let domainId: string;
beforeEach(async () => {
  const db = await openTestDatabase();
  domainId = `domain-${randomBytes(4).toString('hex')}`;
  // Another process of the same control plane, as far as the server knows.
  makers = await openCore(db, { sweeps: false });
  server = await startTestServer({
    db,
    env: { MUSTER_MAX_CONNECTIONS_PER_CREDENTIAL: '2', MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL: '2' },
  });
});
afterEach(async () => {
  await makers.close();
  await server.stop();
});

const make = (lifetimeMs: number | null = null) =>
  createApiKey(makers.core, root, {
    name: 'a key',
    role: 'VIEWER',
    domainId,
    expiresAt: lifetimeMs === null ? null : new Date(Date.now() + lifetimeMs),
  });
const connect = (token: string) => openSocket(server.url, { params: { authorization: `Bearer ${token}` } });
const unauthenticated = expect.objectContaining({ extensions: expect.objectContaining({ code: 'UNAUTHENTICATED' }) });

describe('E6: what goes on by a credential’s right ends with it', () => {
  test('when the key is revoked on another replica: each subscription by itself, then the socket, and nobody else’s', async () => {
    const [ended, lasting] = [await make(), await make()];
    const socket = await connect(ended.token);
    const other = await connect(lasting.token);
    for (const each of [socket, other]) {
      each.start('1', subscription);
      expect(await each.nextData('1', 'watchSupervisors')).toMatchObject({ type: 'SYNCED' });
    }
    const stream = await openStream(server.url, subscription, {}, { authorization: `Bearer ${ended.token}` });
    expect(await stream.nextData('watchSupervisors')).toMatchObject({ type: 'SYNCED' });

    await revokeApiKey(makers.core, root, { apiKeyId: ended.apiKey.id });
    expect(await socket.next('1')).toMatchObject({ type: 'error', payload: [unauthenticated] });
    expect(await socket.closed).toEqual({ code: 4403, reason: 'UNAUTHENTICATED: the API key has been revoked' });
    expect((await stream.next()).payload?.errors).toEqual([unauthenticated]);
    await stream.ended;

    other.start('2', '{ viewer { subject } }');
    expect(await other.nextData('2', 'viewer')).toEqual({ subject: lasting.apiKey.id });
    await other.close();
  });

  test('when it expires', async () => {
    const { token } = await make(1_000);
    const socket = await connect(token);
    socket.start('1', subscription);
    expect(await socket.nextData('1', 'watchSupervisors')).toMatchObject({ type: 'SYNCED' });
    expect(await socket.next('1')).toMatchObject({ type: 'error', payload: [unauthenticated] });
    expect(await socket.closed).toMatchObject({ code: 4403 });
  });
});

describe('a WebSocket', () => {
  test.each([
    ['without a credential', undefined],
    ['with one that is none', { authorization: 'Bearer nonsense' }],
  ])('A4: %s is closed with 4403 and why', async (_what, params) => {
    await make();
    const socket = await openSocket(server.url, { greet: false });
    socket.send({ type: 'connection_init', payload: params });
    expect(await socket.closed).toEqual({ code: 4403, reason: expect.stringMatching(/^UNAUTHENTICATED: expected/) });
  });

  test('beyond those that its credential may have is closed with 4403, until one of them is', async () => {
    const [{ token }, other] = [await make(), await make()];
    const [first, second] = [await connect(token), await connect(token)];
    const third = await openSocket(server.url, { greet: false });
    third.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    expect(await third.closed).toEqual({
      code: 4403,
      reason: expect.stringMatching(/^RATE_LIMITED: expected at most 2 /),
    });
    await (await connect(other.token)).close();
    await first.close();
    await expect
      .poll(() =>
        connect(token).then(
          (socket) => socket.close(),
          () => 'refused',
        ),
      )
      .toBeUndefined();
    await second.close();
  });

  test('takes no more subscriptions than its credential may have, and ends only the one too many', async () => {
    const { token } = await make();
    const socket = await connect(token);
    for (const id of ['1', '2', '3']) socket.start(id, subscription);
    expect(await socket.next('3')).toMatchObject({
      payload: { errors: [{ extensions: { code: 'RATE_LIMITED' } }] },
    });
    expect(await socket.nextData('1', 'watchSupervisors')).toMatchObject({ type: 'SYNCED' });
    socket.send({ id: '1', type: 'complete' });
    socket.start('4', subscription);
    expect(await socket.nextData('4', 'watchSupervisors')).toMatchObject({ type: 'SYNCED' });
    await socket.close();
  });
});

test('A5: the first key closes a server that ran open, and ends what went on there', async () => {
  const socket = await openSocket(server.url);
  socket.start('1', subscription);
  expect(await socket.nextData('1', 'watchSupervisors')).toMatchObject({ type: 'SYNCED' });
  await make();
  expect(await socket.next('1')).toMatchObject({ type: 'error', payload: [unauthenticated] });
  expect(await socket.closed).toMatchObject({ code: 4403 });
});
