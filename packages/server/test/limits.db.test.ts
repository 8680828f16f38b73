import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { createApiKey, openCore, type Role, type Viewer } from '@muster/core';
import { openTestDatabase } from '@muster/db/testing';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSocket, openStream, startTestServer, type TestServer } from '../testing/index.ts';
import type { TestServerOptions } from '../testing/testServer.ts';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };
const origin = 'https://ops.example';
const plugins = '{ plugins(first: 50) { nodes { id version } } }';
const cost = 2 + 50 * 2;

type Keys = ReadonlyMap<Role, { token: string; subject: string }>;

/** A server, and a key of each role of one tenant. */
async function start(env: TestServerOptions['env'] = {}): Promise<{ server: TestServer; keys: Keys }> {
  const db = await openTestDatabase();
  const makers = await openCore(db, { sweeps: false });
  const made = await Promise.all(
    (['VIEWER', 'SUPERVISOR', 'OPERATOR'] as const).map(async (role) => {
      const { token, apiKey } = await createApiKey(makers.core, root, { name: role, role, domainId: 'tenant' });
      return [role, { token, subject: apiKey.id }] as const;
    }),
  );
  await makers.close();
  return { server: await startTestServer({ db, env }), keys: new Map(made) };
}

let server: TestServer;
let keys: Keys;
beforeAll(async () => {
  ({ server, keys } = await start({ MUSTER_CORS_ORIGINS: `${origin}, http://localhost:8080` }));
});
afterAll(() => server.stop());

const bearer = (role: Role = 'VIEWER', of = keys) => ({ authorization: `Bearer ${of.get(role)?.token}` });
const post = (body: object, headers: Record<string, string> = {}, { url } = server) =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(), ...headers },
    body: JSON.stringify(body),
  });
const jsonOf = async (reply: Promise<Response>) => (await reply).json();

/** The log's lines of refused attempts. */
const attempts = ({ logged }: TestServer) => logged.filter(({ msg }) => msg === 'an attempt was refused');

describe('the cost comes in extensions.cost of the answer, to whoever asks', () => {
  test('over HTTP, by a header or a parameter, whichever way the request goes', async () => {
    for (const accept of ['*/*', 'application/graphql-response+json']) {
      expect(await jsonOf(post({ query: plugins }, { accept }))).not.toHaveProperty('extensions');
      for (const reply of [
        post({ query: plugins }, { accept, 'x-muster-cost': '1' }),
        post({ query: plugins, extensions: { cost: true } }, { accept }),
      ]) {
        expect(await jsonOf(reply)).toEqual({ data: { plugins: { nodes: [] } }, extensions: { cost } });
      }
    }
    const url = `${server.url}/graphql?query=${encodeURIComponent(plugins)}&extensions={"cost":true}`;
    expect(await jsonOf(fetch(url, { headers: bearer() }))).toMatchObject({ extensions: { cost } });
  });

  test('over WebSocket and SSE, with each result of a subscription', async () => {
    const subscription = 'subscription { watchPlugins { type plugin { id } } }';
    const socket = await openSocket(server.url, { params: bearer() });
    const start = (id: string, query: string, extensions?: object) =>
      socket.send({ id, type: 'subscribe', payload: { query, extensions } });
    start('1', plugins, { cost: true });
    expect(await socket.next('1')).toMatchObject({ payload: { data: {}, extensions: { cost } } });
    start('2', subscription, { cost: true });
    start('3', subscription);
    const synced = { watchPlugins: { type: 'SYNCED', plugin: null } };
    expect((await socket.next('2')).payload).toEqual({ data: synced, extensions: { cost: 4 } });
    expect((await socket.next('3')).payload).toEqual({ data: synced });
    await socket.close();
    const stream = await openStream(server.url, subscription, {}, { ...bearer(), 'x-muster-cost': '1' });
    expect((await stream.next()).payload).toEqual({ data: synced, extensions: { cost: 4 } });
    await stream.close();
  });

  test('a refusal says what was allowed and what came', async () => {
    const query = `{ supervisors(first: 100) { nodes { plugins(first: 100) { nodes { ${Array.from({ length: 30 }, (_, i) => `a${i}: id`).join(' ')} } } } } }`;
    const reply = await post({ query });
    expect([reply.status, await reply.json()]).toEqual([
      400,
      {
        errors: [
          {
            message: 'expected an operation of a cost of at most 200000; got one of 300202',
            extensions: { code: 'TOO_COMPLEX', cost: 300_202, maxCost: 200_000 },
          },
        ],
      },
    ]);
  });
});

test('W6: an expensive request takes its cost from its viewer’s points, and from nobody else’s', async () => {
  const limited = await start({ MUSTER_POINTS_PER_SECOND: '2000' });
  const ask = (role: Role, query: string) => post({ query }, bearer(role, limited.keys), limited.server);
  const expensive = '{ supervisors(first: 100) { nodes { plugins(first: 100) { nodes { id version state } } } } }';
  expect((await ask('OPERATOR', expensive)).status).toBe(200);
  // Of 2,000 points it took 30,302 and some, and 2,000 come back a second.
  const refused = await ask('OPERATOR', '{ viewer { role } }');
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(10);
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  expect((await ask('VIEWER', '{ viewer { role } }')).status).toBe(200);
  expect(attempts(limited.server)).toMatchObject([
    { code: 'RATE_LIMITED', subject: limited.keys.get('OPERATOR')?.subject },
  ]);
  await limited.server.stop();
});

test('W7: a refused request leaves its connection to the next one, unless a long body would have to be read before', async () => {
  const limited = await start({ MUSTER_POINTS_PER_SECOND: '2' });
  const refusalAfter = async (path: string, length: number) => {
    const headers = {
      ...bearer('OPERATOR', limited.keys),
      'content-type': 'application/json',
      'content-length': length,
    };
    const asked = request(`${limited.server.url}${path}`, { method: 'POST', headers });
    asked.on('error', () => {});
    asked.flushHeaders();
    const [reply]: IncomingMessage[] = await once(asked, 'response');
    asked.destroy();
    return [reply?.statusCode, reply?.headers.connection];
  };
  await post({ query: '{ viewer { role } }' }, bearer('OPERATOR', limited.keys), limited.server);
  for (const path of ['/graphql', '/plugin/v1/supervisors/search']) {
    expect(await refusalAfter(path, 100)).toEqual([429, 'keep-alive']);
    expect(await refusalAfter(path, 1_000_000)).toEqual([429, 'close']);
  }
  await limited.server.stop();
});

test('W3: the metrics list no sockets, however many there are', async () => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('nodejs_heap_size_used_bytes');
  expect(metrics).not.toContain('nodejs_active_');
});

test('the introspection that tools send is answered, and not where it is switched off, nor are names suggested', async () => {
  const query = getIntrospectionQuery({ descriptions: true, specifiedByUrl: true, inputValueDeprecation: true });
  expect(await jsonOf(post({ query }))).toMatchObject({ data: { __schema: { queryType: { name: 'Query' } } } });
  const closed = await startTestServer({ env: { MUSTER_INTROSPECTION: 'false' } });
  const ask = async (asked: string, variables = {}) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query: asked, variables });
    return (await fetch(`${closed.url}/graphql`, { method: 'POST', headers, body })).json();
  };
  for (const asked of [
    query,
    '{ __type(name: "Plugin") { name } }',
    '{ viewer { role } ...F } fragment F on Query { __schema { types { name } } }',
  ]) {
    const reply = (await ask(asked)) as { errors: unknown[] };
    expect(reply.errors[0]).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
      message: expect.stringContaining('introspection'),
    });
    expect(reply).not.toHaveProperty('data');
  }
  for (const asked of [
    '{ superviser(id: "a") { id } }',
    '{ node(id: "a") { hostname } }',
    '{ viewer { roles } }',
    '{ viewer { ...on Pluggin { id } } }',
    '{ supervisors(filters: {}) { totalCount } }',
    '{ supervisors(filter: {hostnme: {}}) { totalCount } }',
    '{ supervisors(filter: {state: {eq: ENABLE}}) { totalCount } }',
    '{ supervisors(filter: {state: {eq: "ENABLED"}}) { totalCount } }',
    'query ($f: SupervisorFilter) { supervisors(filter: $f) { totalCount } }',
    'query ($s: SupervisorState) { supervisors(filter: {state: {eq: $s}}) { totalCount } }',
    'query ($s: SupervisorStates) { supervisors(filter: {state: {eq: $s}}) { totalCount } }',
  ]) {
    const variables = { f: { hostnme: {} }, s: 'ENABLE' };
    const open = await jsonOf(post({ query: asked, variables }));
    expect(JSON.stringify(open)).toContain('Did you mean');
    const { errors } = (await ask(asked, variables)) as { errors: unknown[] };
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(JSON.stringify(errors)).not.toContain('Did you mean');
  }
  expect(await ask('{ __typename viewer { __typename } }')).toEqual({
    data: { __typename: 'Query', viewer: { __typename: 'Viewer' } },
  });
  await closed.stop();
});

describe('a page of a configured origin may ask, and of no other', () => {
  /** `fetch` leaves out what a browser sends of itself. */
  async function ask(method: string, path: string, headers: Record<string, string>, body = '') {
    const asked = request(`${server.url}${path}`, { method, headers });
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      asked.on('response', resolve).on('error', reject).end(body),
    );
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }
  /** Headers that clients, gateways and tracers bring. */
  const brought =
    'authorization,content-type,traceparent,tracestate,baggage,apollographql-client-name,apollographql-client-version,apollo-require-preflight,graphql-require-preflight,x-apollo-operation-name,x-request-id,x-muster-cost';
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': brought };

  test.each(['/graphql', '/plugin/v1/supervisors'])('%s, after a preflight', async (path) => {
    const reply = await ask('OPTIONS', path, { origin, ...preflight });
    expect(reply).toMatchObject({ status: 204, body: '' });
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': brought,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-credentials': 'true',
      vary: 'origin, access-control-request-headers',
    });
    const refused = await ask('OPTIONS', path, { origin: 'https://evil.example', ...preflight });
    expect(refused.status).toBe(403);
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('answers of GraphQL, both ways, and of REST carry the header, refusals among them', async () => {
    const json = { origin, 'content-type': 'application/json' };
    const body = JSON.stringify({ query: '{ viewer { role } }' });
    const replies = [
      await ask('POST', '/graphql', { ...json, ...bearer() }, body),
      await ask('POST', '/graphql', { ...json, ...bearer(), accept: 'application/graphql-response+json' }, body),
      await ask('GET', '/plugin/v1/supervisors', { origin, ...bearer() }),
      await ask('POST', '/graphql', json, body),
      await ask('GET', '/plugin/v1/supervisors', { origin }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 401, 401]);
    for (const { headers } of replies) {
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': expect.stringMatching(/retry-after.*x-request-id/),
      });
    }
    const evil = await ask('POST', '/graphql', { ...json, ...bearer(), origin: 'https://evil.example' }, body);
    expect(evil.status).toBe(403);
    expect(evil.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('a WebSocket', async () => {
    const socket = await openSocket(server.url, { params: bearer(), headers: { origin } });
    await socket.close();
    const evil = openSocket(server.url, { params: bearer(), headers: { origin: 'https://evil.example' } });
    await expect(evil).rejects.toThrow('403');
  });
});

describe('a refused attempt is logged with its code and subject, and counted', () => {
  async function counted(code: string): Promise<number> {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return Number(new RegExp(`muster_refusals_total\\{code="${code}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
  }
  const subject = (role: Role) => keys.get(role)?.subject;

  test.each<[string, string, () => string | undefined, () => Promise<unknown>]>([
    [
      'a field that the role may not ask for',
      'FORBIDDEN',
      () => subject('SUPERVISOR'),
      () => post({ query: plugins }, bearer('SUPERVISOR')),
    ],
    [
      "another tenant's domain",
      'FORBIDDEN',
      () => subject('VIEWER'),
      () => post({ query: '{ plugins(domainId: "other") { totalCount } }' }),
    ],
  ])('%s: %s', async (_title, code, who, attempt) => {
    const [before, count] = [attempts(server).length, await counted(code)];
    await attempt();
    expect(attempts(server).slice(before)).toMatchObject([{ level: 30, code, subject: who() }]);
    expect(await counted(code)).toBe(count + 1);
    for (const line of server.logged)
      for (const { token } of keys.values()) expect(JSON.stringify(line)).not.toContain(token);
  });

  test('O12: further ones of the same kind are counted for 10 s, whichever front they come by', async () => {
    const { server: own, keys: ownKeys } = await start();
    const ask = () => fetch(`${own.url}/plugin/v1/supervisors`, { headers: bearer('SUPERVISOR', ownKeys) });
    for (let i = 0; i < 20; i++) expect((await ask()).status).toBe(403);
    await own.stop();
    expect(attempts(own)).toMatchObject([{ code: 'FORBIDDEN' }, { code: 'FORBIDDEN', count: 19 }]);
  });

  test('W11: where nobody is known yet, by address, with the number of each code, once a minute and at the end', async () => {
    const { server: own } = await start();
    const wrong = { authorization: `Bearer ${'x'.repeat(40)}` };
    const before = await Promise.all([
      fetch(`${own.url}/graphql?query={viewer{role}}`),
      fetch(`${own.url}/plugin/v1/supervisors`),
      fetch(`${own.url}/plugin/v1/supervisors`, { headers: wrong }),
      fetch(`${own.url}/graphql`, { method: 'POST', headers: { origin: 'https://evil.example' } }),
    ]);
    expect(before.map(({ status }) => status)).toEqual([401, 401, 401, 403]);
    const byAddress = () => own.logged.filter(({ msg }) => msg === 'attempts were refused');
    expect([attempts(own), byAddress()]).toEqual([[], []]);
    await own.stop();
    expect(attempts(own)).toEqual([]);
    expect(byAddress()).toMatchObject([
      { level: 30, address: '127.0.0.1', codes: { UNAUTHENTICATED: 3, FORBIDDEN: 1 } },
    ]);
    expect(JSON.stringify(own.logged)).not.toContain('xxx');
  });
});
