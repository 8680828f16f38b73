import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  openReflectionClient,
  openSocket,
  openStream,
  type ReflectionClient,
  useTestServer,
} from '../../testing/index.ts';

const secret = 'a secret of the tests, which is long enough';
const service = 'spaceone.api.plugin.v1.Supervisor';
const domain_id = 'tenant';

const server = useTestServer({ env: { MUSTER_JWT_SECRET: secret } });
let grpc: ReflectionClient;

beforeAll(async () => {
  grpc = await openReflectionClient(server.grpcAddress);
});
afterAll(async () => {
  grpc.close();
});

function tokenOf(role: string): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'somebody', domain_id, role, exp })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const call = (method: string, request: object, metadata: Record<string, string>) =>
  grpc.call(service, method, request, { metadata });
const agent = {
  name: 'agent',
  hostname: 'a',
  plugin_info: [{ plugin_id: 'collector', version: '1.0', state: 'ACTIVE' }],
};

describe('every front takes a credential by the same names, with the word Bearer or without', () => {
  const token = tokenOf('VIEWER');
  const forms: Record<string, Record<string, string>> = {
    authorization: { authorization: `Bearer ${token}` },
    'authorization alone': { authorization: token },
    token: { token },
    'token as a bearer': { token: `Bearer ${token}` },
    'token, where a proxy has authorization': { token, authorization: 'Basic YTpi' },
  };
  const watch = 'subscription { watchPlugins { type } }';

  test.each(Object.entries(forms))('%s', async (_name, form) => {
    const query = JSON.stringify({ query: '{ viewer { role } }' });
    const json = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers: { ...json, ...form }, body: query };
    expect(await (await fetch(`${server.url}/graphql`, init)).json()).toEqual({ data: { viewer: { role: 'VIEWER' } } });
    expect((await fetch(`${server.url}/plugin/v1/supervisors`, { headers: form })).status).toBe(200);
    const stream = await openStream(server.url, watch, {}, form);
    expect(await stream.nextData('watchPlugins')).toEqual({ type: 'SYNCED' });
    stream.close();
    expect(await call('list', {}, form)).toMatchObject({ total_count: 0 });
    const capitals = Object.fromEntries(Object.entries(form).map(([name, value]) => [name.toUpperCase(), value]));
    for (const options of [
      { headers: form },
      { params: form },
      { params: capitals },
      { params: { headers: capitals } },
    ]) {
      const socket = await openSocket(server.url, options);
      socket.start('1', watch);
      expect(await socket.nextData('1', 'watchPlugins')).toEqual({ type: 'SYNCED' });
      await socket.close();
    }
  });
});

describe('over gRPC', () => {
  test('a credential comes in the metadata `token`, as existing agents send it, or in `authorization` (A4)', async () => {
    const token = tokenOf('SUPERVISOR');
    const traced = {
      token,
      x_domain_id: domain_id,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    };
    expect(await call('publish', agent, traced)).toMatchObject({ domain_id });
    expect(await call('publish', agent, { authorization: `Bearer ${token}` })).toMatchObject({ domain_id });
  });

  test('without one, or with a wrong one, a call is UNAUTHENTICATED; health and reflection ask for none', async () => {
    for (const metadata of [{}, { token: 'nonsense' }]) {
      await expect(call('publish', agent, metadata)).rejects.toMatchObject({
        code: 16,
        details: expect.stringMatching(/^ERROR_UNAUTHENTICATED: /),
      });
    }
    expect(await grpc.call('grpc.health.v1.Health', 'Check')).toEqual({ status: 'SERVING' });
  });

  test('a SUPERVISOR gets its own list, and may nothing else but publish (A1)', async () => {
    const token = { token: tokenOf('SUPERVISOR') };
    expect(await call('list_plugins', { domain_id, hostname: 'a' }, token)).toMatchObject({ total_count: 1 });
    for (const [method, request] of [
      ['list', {}],
      ['list_plugins', { plugin_id: 'collector' }],
    ] as const) {
      await expect(call(method, request, token)).rejects.toMatchObject({
        code: 7,
        details: 'ERROR_FORBIDDEN: the role SUPERVISOR may not read',
      });
    }
  });

  test.each(['VIEWER', 'OPERATOR', 'ADMIN'])(
    'A1: an agent with the token of a %s is refused its list already, and is told why; with a query the same is a search',
    async (role) => {
      const token = { token: tokenOf(role) };
      const list = { domain_id, hostname: 'a' };
      await expect(call('list_plugins', list, token)).rejects.toMatchObject({
        code: 7,
        details: `ERROR_FORBIDDEN: a hostname alone is an agent's request for its own list: expected a credential of the role SUPERVISOR, or for a search a query, which may be empty; got one of the role ${role}`,
      });
      expect(await call('list_plugins', { ...list, query: {} }, token)).toMatchObject({ total_count: 1 });
    },
  );

  test('another domain than its own is FORBIDDEN (A2)', async () => {
    const refused = { code: 7, details: expect.stringMatching(/^ERROR_FORBIDDEN: expected domain tenant/) };
    await expect(call('list', { domain_id: 'other' }, { token: tokenOf('VIEWER') })).rejects.toMatchObject(refused);
    const request = { supervisor_id: 'supervisor-000000000000', domain_id: 'other' };
    await expect(call('get', request, { token: tokenOf('VIEWER') })).rejects.toMatchObject(refused);
    const list = { hostname: 'a', domain_id: 'other' };
    await expect(call('list_plugins', list, { token: tokenOf('SUPERVISOR') })).rejects.toMatchObject(refused);
  });
});

describe('over REST', () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/plugin/v1${path}`, { headers });

  test('a credential is a bearer token; without one a request is UNAUTHENTICATED', async () => {
    const refused = await get('/supervisors');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await refused.json()).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    expect((await get('/supervisors', { authorization: `Bearer ${tokenOf('VIEWER')}` })).status).toBe(200);
  });

  test('the document and the page to read it are for everybody', async () => {
    const document = await get('/openapi.json');
    expect(await document.json()).toMatchObject({ openapi: '3.1.0' });
    const page = await get('/docs');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('<h1>Muster: supervisors and plugins</h1>');
  });
});
