import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createApiKey, openCore, type Viewer } from '@muster/core';
import { openTestDatabase } from '@muster/db/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openReflectionClient, openSocket, startTestServer, type TestServer } from '../testing/index.ts';
import type { TestServerOptions } from '../testing/testServer.ts';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };

/** A server that asks for credentials, and the token of one. */
async function start(env: NonNullable<TestServerOptions['env']>): Promise<{ server: TestServer; token: string }> {
  const db = await openTestDatabase();
  const makers = await openCore(db, { sweeps: false });
  const { token } = await createApiKey(makers.core, root, { name: 'a', role: 'OPERATOR', domainId: 'tenant' });
  await makers.close();
  const server = await startTestServer({ db, env });
  onTestFinished(() => server.stop());
  return { server, token };
}

interface Stranger {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
}

/** A connection to a server's HTTP or gRPC that only says `words`; `closed` once the server has closed it. */
async function openStranger(address: string, words = '', localAddress = '127.0.0.1'): Promise<Stranger> {
  const [host = '', port = ''] = address.replace('http://', '').split(':');
  const socket: Socket = connect({ host, port: Number(port), localAddress });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const closed = once(socket, 'close');
  socket.resume();
  await once(socket, 'connect');
  if (words) socket.write(words);
  return { socket, closed };
}

async function closings({ url }: TestServer, cause: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text();
  return Number(new RegExp(`muster_connections_closed_total\\{cause="${cause}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
}

const roleOf = async ({ url }: TestServer, token: string) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ query: '{ viewer { role } }' });
  return (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).status;
};

const halfAHead = 'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n';

test('W11: of one address’s connections without a credential the oldest go, by whatever port they came; those with one stay', async () => {
  const { server, token } = await start({ MUSTER_MAX_UNAUTHENTICATED_CONNECTIONS_PER_ADDRESS: '6' });
  const socket = await openSocket(server.url, { params: { authorization: `Bearer ${token}` } });
  const agent = await openReflectionClient(server.grpcAddress);
  onTestFinished(() => agent.close());
  const list = () =>
    agent.call('spaceone.api.plugin.v1.Supervisor', 'list', {}, { metadata: { token } }).then(() => 'answered');
  expect(await list()).toBe('answered');
  const other = await openStranger(server.url, '', '127.0.0.2');
  const strangers: Stranger[] = [];
  for (let i = 0; i < 4; i++) {
    strangers.push(await openStranger(server.url));
    strangers.push(await openStranger(server.url, halfAHead));
    strangers.push(await openStranger(server.grpcAddress));
  }
  await Promise.all(strangers.slice(0, 6).map(({ closed }) => closed));
  expect(strangers.slice(6).filter(({ socket }) => socket.destroyed)).toEqual([]);
  expect(other.socket.destroyed).toBe(false);
  expect(await closings(server, 'address')).toBeGreaterThanOrEqual(6);
  socket.start('1', '{ viewer { role } }');
  expect(await socket.next('1')).toMatchObject({ payload: { data: { viewer: { role: 'OPERATOR' } } } });
  expect(await list()).toBe('answered');
  await socket.close();
});

test('W11: of all connections without a credential, whatever their addresses, there are a bounded number; a new client is served', async () => {
  const { server, token } = await start({ MUSTER_MAX_UNAUTHENTICATED_CONNECTIONS: '10' });
  const strangers: Stranger[] = [];
  for (let i = 0; i < 40; i++) strangers.push(await openStranger(server.url, '', `127.0.1.${i + 1}`));
  await expect.poll(() => strangers.filter(({ socket }) => socket.destroyed).length).toBeGreaterThanOrEqual(30);
  expect(await roleOf(server, token)).toBe(200);
  expect(await closings(server, 'total')).toBeGreaterThanOrEqual(30);
});

test('W11: a WebSocket whose client doesn’t say who it is is closed', async () => {
  const { server } = await start({});
  const socket = await openSocket(server.url, { greet: false });
  expect((await socket.closed).code).toBe(4408);
});

test('W11: an address with too many failed credentials is refused on every front, and others are not', async () => {
  const { server, token } = await start({
    MUSTER_FAILED_CREDENTIALS_PER_MINUTE: '3',
    MUSTER_TRUSTED_PROXIES: '127.0.0.1',
  });
  const ask = (path: string, credential: string, from: string) =>
    fetch(server.url + path, {
      headers: { authorization: `Bearer ${credential}`, 'x-forwarded-for': from, accept: 'application/json' },
    });
  const query = '/graphql?query={viewer{role}}';
  for (let i = 0; i < 3; i++) expect((await ask(query, 'wrong', '192.0.2.1')).status).toBe(401);
  for (const path of [query, '/plugin/v1/supervisors']) {
    const refused = await ask(path, 'wrong', '192.0.2.1');
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
  }
  const params = { authorization: 'Bearer wrong' };
  const socket = await openSocket(server.url, { greet: false, headers: { 'x-forwarded-for': '192.0.2.1' } });
  socket.send({ type: 'connection_init', payload: params });
  expect(await socket.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('RATE_LIMITED') });
  const agent = await openReflectionClient(server.grpcAddress);
  onTestFinished(() => agent.close());
  const metadata = { token: 'wrong', 'x-forwarded-for': '192.0.2.1' };
  await expect(agent.call('spaceone.api.plugin.v1.Supervisor', 'list', {}, { metadata })).rejects.toMatchObject({
    details: expect.stringMatching(/^ERROR_RATE_LIMITED: expected at most 3 failed credentials a minute/),
  });
  expect((await ask(query, token, '192.0.2.2')).status).toBe(200);
});

test('W11: of 64 wrong keys of one address at once as many are looked up as may fail, and of a valid key’s uses none is refused', async () => {
  const { server, token } = await start({
    MUSTER_FAILED_CREDENTIALS_PER_MINUTE: '4',
    MUSTER_TRUSTED_PROXIES: '127.0.0.1',
  });
  const ask = async (key: string, from: string) => {
    const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': from };
    return (await fetch(`${server.url}/plugin/v1/supervisors`, { headers })).status;
  };
  const wrong = (i: number) => `muster_${i.toString(16).padStart(12, '0')}_${'A'.repeat(43)}`;
  const statuses = await Promise.all(Array.from({ length: 64 }, (_, i) => ask(wrong(i), '192.0.2.1')));
  expect(statuses.toSorted()).toEqual([...Array(4).fill(401), ...Array(60).fill(429)]);
  const fleet = await Promise.all(Array.from({ length: 64 }, () => ask(token, '192.0.2.2')));
  expect(fleet).toEqual(Array(64).fill(200));
});
