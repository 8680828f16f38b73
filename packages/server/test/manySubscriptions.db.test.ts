import { openCore, publishSupervisor, type Viewer } from '@muster/core';
import { openTestDatabase } from '@muster/db/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  openSocket,
  openStream,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestStream,
} from '../testing/index.ts';
import { createKeys } from '../testing/keys.ts';
import { metricOf } from '../testing/unread.ts';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };
const domainId = 'many';
const most = 1_500;

let server: TestServer;
let hostile: { authorization: string };
let innocent: { authorization: string };
beforeEach(async () => {
  const db = await openTestDatabase();
  const { core, close } = await openCore(db, { sweeps: false });
  const plugins = [{ pluginId: 'collector', version: '1.0', state: 'ACTIVE' }];
  await publishSupervisor(core, root, { domainId, name: 'agent', hostname: 'agent', plugins });
  await close();
  const [first, second] = await createKeys(db, [
    { domainId, role: 'VIEWER' },
    { domainId, role: 'VIEWER' },
  ]);
  hostile = { authorization: `Bearer ${first}` };
  innocent = { authorization: `Bearer ${second}` };
  server = await startTestServer({
    db,
    env: {
      MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL: String(most),
      MUSTER_SWEEP_INTERVAL_MS: '600000',
      // Enough for all subscriptions to begin; a few events later the points are spent.
      MUSTER_POINTS_PER_MINUTE: '500000',
    },
  });
  await takeAllSubscriptions();
});
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
  await expect.poll(() => server.load()).toEqual({ streams: 0, groups: 0 });
  await server.stop();
});

const opened: (() => unknown)[] = [];

async function socketOf(headers: { authorization: string }): Promise<TestSocket> {
  const socket = await openSocket(server.url, { headers });
  opened.push(() => socket.close());
  return socket;
}

async function streamOf(headers: { authorization: string }, query: string, method: 'GET' | 'POST') {
  const stream = await openStream(server.url, query, {}, headers, method);
  opened.push(() => stream.close());
  return stream;
}

/** A subscription that is equal to no other: each event is executed for it alone. */
const different = (i: number) => `subscription { pluginStateChanged { t${i}: to plugin { message } } }`;
const methods = ['POST', 'GET'] as const;

let lastStream: TestStream;
/** Takes all subscriptions that the hostile credential may have, over WebSocket and over SSE both ways. */
async function takeAllSubscriptions(): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: 4 }, () => socketOf(hostile)));
  for (let i = 0; i < most - 20; i++) sockets[i % 4]?.start(`${i}`, different(i));
  for (let i = most - 20; i < most; i++) lastStream = await streamOf(hostile, different(i), methods[i % 2] ?? 'GET');
  await expect.poll(() => server.load()).toEqual({ streams: most, groups: most });
}

const watch = 'subscription { watchPlugins { type plugin { message } } }';
interface PluginEvent {
  type: string;
  plugin: { message: string | null } | null;
}

test('W8: a further subscription of the credential is RATE_LIMITED, whichever way it comes; one that ends makes room', async () => {
  const refused = [{ extensions: { code: 'RATE_LIMITED' } }];
  const socket = await socketOf(hostile);
  socket.start('more', different(most));
  expect(await socket.next('more')).toMatchObject({ type: 'next', payload: { errors: refused } });
  for (const method of methods) {
    const stream = await streamOf(hostile, different(most), method);
    expect((await stream.next()).payload).toMatchObject({ errors: refused });
  }
  lastStream.close();
  await expect.poll(() => server.load().streams).toBe(most - 1);
  socket.start('instead', different(most));
  await expect.poll(() => server.load().streams).toBe(most);
  const stream = await streamOf(innocent, watch, 'GET');
  expect(await stream.nextData('watchPlugins')).toMatchObject({ type: 'ADDED' });
});

test('W8: 1,500 different subscriptions of one credential keep no event from another’s, and no order; theirs wait for points', async () => {
  const socket = await socketOf(innocent);
  socket.start('1', watch);
  const streams = await Promise.all(methods.map((method) => streamOf(innocent, watch, method)));
  const readers = [
    () => socket.nextData<PluginEvent>('1', 'watchPlugins'),
    ...streams.map((stream) => () => stream.nextData<PluginEvent>('watchPlugins')),
  ];
  for (const next of readers) {
    expect((await next()).type).toBe('ADDED');
    expect((await next()).type).toBe('SYNCED');
  }
  const messages = Array.from({ length: 30 }, (_, i) => `change ${i}`);
  for (const [i, message] of messages.entries()) {
    const state = i % 2 ? 'ACTIVE' : 'ERROR';
    await server.db.sql.query('UPDATE plugins SET state = $1, message = $2', [state, message]);
  }
  for (const next of readers) {
    const told: unknown[] = [];
    for (const _ of messages) told.push((await next()).plugin?.message);
    expect(told).toEqual(messages);
  }
  await expect.poll(() => metricOf(server, 'muster_paused_subscriptions')).toBeGreaterThan(0);
});
