import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FrontProxy, findProgram, readSample, startHaproxy, startNginx } from '../testing/frontProxy.ts';
import {
  fleetOf,
  graphql,
  openReflectionClient,
  openSocket,
  openStream,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';

const [nginx, haproxy] = await Promise.all(['nginx', 'haproxy'].map(findProgram));
for (const [name, program] of Object.entries({ nginx, haproxy })) {
  if (!program) process.stderr.write(`${name} is not installed, so it is not tried.\n`);
}

const changes = 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { to } }';
const viewer = '{ viewer { role } }';

let server: TestServer;
let proxy: FrontProxy | undefined;
beforeAll(async () => {
  server = await startTestServer({ env: { MUSTER_BASE_PATH: '/muster', MUSTER_TRUSTED_PROXIES: '127.0.0.1' } });
});
afterEach(async () => {
  await proxy?.stop();
  proxy = undefined;
});
afterAll(() => server.stop());

/** An event comes through while the stream goes on, so that nothing on the way keeps it. */
async function expectEventAtOnce(url: string): Promise<void> {
  const fleet = fleetOf(server.url, 'proxies');
  await fleet.report('h', 'ERROR');
  const stream = await openStream(url, changes, { after: await fleet.cursor() });
  expect(stream.status).toBe(200);
  for (const state of ['ACTIVE', 'ERROR']) {
    await fleet.report('h', state);
    expect(await stream.nextData('pluginStateChanged')).toEqual({ to: state });
  }
  stream.close();
}

async function expectWebSocket(url: string): Promise<void> {
  const socket = await openSocket(url, { headers: { origin: new URL(url).origin } });
  socket.start('1', viewer);
  expect(await socket.nextData('1', 'viewer')).toEqual({ role: 'ADMIN' });
  await socket.close();
}

async function expectPlayground(url: string): Promise<void> {
  const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const asked = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(url).origin },
    body: JSON.stringify({ query: viewer }),
  });
  expect(await asked.json()).toEqual({ data: { viewer: { role: 'ADMIN' } } });
}

async function expectGrpc(address: string): Promise<void> {
  const client = await openReflectionClient(address);
  expect(await client.call('grpc.health.v1.Health', 'Check')).toEqual({ status: 'SERVING' });
  const first = await client.watch('grpc.health.v1.Health', 'Watch', {}, 1);
  expect(first).toEqual([{ status: 'SERVING' }]);
  client.close();
}

/** A body longer than nginx takes by default. */
async function expectLargeBody(url: string): Promise<void> {
  const variables = { labels: { text: 'x'.repeat(2 * 1024 * 1024) } };
  const reply = await graphql(
    url,
    'query ($labels: JSONObject) { supervisors(filter: {labels: $labels}) { totalCount } }',
    variables,
  );
  expect(reply.status).not.toBe(413);
}

describe.runIf(nginx)('O13: through nginx', () => {
  const bare = (location: string) => `server { listen 8080; ${location} }`;
  const open = async (sites: string) => {
    proxy = await startNginx(nginx ?? '', sites, server);
    return proxy;
  };

  test('with its defaults, requests are answered and events come at once', async () => {
    const { url } = await open(bare('location / { proxy_pass http://127.0.0.1:4000; }'));
    expect(await graphql(url, viewer)).toMatchObject({ data: { viewer: { role: 'ADMIN' } } });
    await expectEventAtOnce(url);
  });

  test('with the sample, WebSockets, the playground, large bodies and gRPC pass, too', async () => {
    const { url, grpcAddress } = await open(await readSample('nginx.conf'));
    await expectEventAtOnce(url);
    await expectWebSocket(url);
    await expectPlayground(url);
    await expectLargeBody(url);
    await expectGrpc(grpcAddress);
  });

  test('that compresses all that it may, events come at once', async () => {
    const { url } = await open(
      bare('gzip on; gzip_types *; gzip_min_length 0; location / { proxy_pass http://127.0.0.1:4000; }'),
    );
    await expectEventAtOnce(url);
  });

  test.each([
    ['passes on', 'http://muster_http'],
    ['takes off', 'http://muster_http/'],
  ])('that %s a prefix, all that is below it works, and links have it', async (_title, target) => {
    const sample = await readSample('nginx.conf');
    const { url } = await open(
      sample
        .replace('location / {', 'location /muster/ {')
        .replace('proxy_pass http://muster_http;', `proxy_pass ${target};`),
    );
    const below = `${url}/muster`;
    await expectPlayground(below);
    await expectWebSocket(below);
    await expectEventAtOnce(below);
    expect((await fetch(`${below}/ready`)).status).toBe(200);
    expect(await (await fetch(`${below}/`)).json()).toMatchObject({ graphql: '/muster/graphql' });
    const api = await (await fetch(`${below}/plugin/v1/openapi.json`)).json();
    expect(api).toMatchObject({ servers: [{ url: '/muster' }] });
    expect((await fetch(`${below}/plugin/v1/supervisors?domain_id=proxies`)).status).toBe(200);
    expect((await fetch(`${url}/graphql`)).status).toBe(404);
  });
});

describe.runIf(haproxy)('O13: through HAProxy', () => {
  const open = async (configuration: string) => {
    proxy = await startHaproxy(haproxy ?? '', configuration, server);
    return proxy;
  };

  test("with Debian's defaults, requests, events and WebSockets pass", async () => {
    const debian = await readFile('/etc/haproxy/haproxy.cfg', 'utf8');
    const defaults = /^defaults$.*/ms.exec(debian)?.[0] ?? '';
    expect(defaults).toContain('mode');
    const { url } = await open(
      `${defaults}\nfrontend f\n bind :8080\n default_backend b\nbackend b\n server s 127.0.0.1:4000\n`,
    );
    expect(await graphql(url, viewer)).toMatchObject({ data: { viewer: { role: 'ADMIN' } } });
    await expectEventAtOnce(url);
    await expectWebSocket(url);
    await expectPlayground(url);
  });

  test('with the sample, gRPC passes, too, to a server that says it is ready', async () => {
    const { url, grpcAddress } = await open(await readSample('haproxy.cfg'));
    await expectEventAtOnce(url);
    await expectWebSocket(url);
    await expectPlayground(url);
    await expectLargeBody(url);
    await expectGrpc(grpcAddress);
    expect((await fetch(`${url}/muster/ready`)).status).toBe(200);
  });
});

test("O13: a proxy's X-Forwarded-Host is the host that was asked for, and another client's is not", async () => {
  const own = await startTestServer({
    env: { MUSTER_JWT_SECRET: 's'.repeat(32), MUSTER_TRUSTED_PROXIES: '127.0.0.1' },
  });
  const ask = (localAddress: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        origin: 'https://ops.example',
        'x-forwarded-host': 'ops.example',
        'x-forwarded-for': '192.0.2.9',
      };
      request(`${own.url}/graphql`, { method: 'POST', localAddress, headers })
        .once('response', (response) => resolve(response.resume().statusCode))
        .once('error', reject)
        .end();
    });
  // Let in so far, it lacks a credential.
  expect(await ask('127.0.0.1')).toBe(401);
  expect(await ask('127.0.0.2')).toBe(403);
  await own.stop();
  const addresses = own.logged.filter(({ msg }) => msg === 'attempts were refused');
  expect(addresses).toMatchObject([
    { address: '192.0.2.9', codes: { UNAUTHENTICATED: 1 } },
    { address: '127.0.0.2', codes: { FORBIDDEN: 1 } },
  ]);
});

test('O13: a connection is kept open for as long as the setting says, though the head of a request has less time', async () => {
  const own = await startTestServer({
    env: { MUSTER_KEEP_ALIVE_TIMEOUT_SECONDS: '30', MUSTER_REQUEST_TIMEOUT_SECONDS: '1' },
  });
  const socket = connect(Number(new URL(own.url).port), '127.0.0.1').setEncoding('utf8');
  const ask = async () => {
    socket.write('GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    const [answer] = await once(socket, 'data');
    return String(answer);
  };
  expect(await ask()).toMatch(/^HTTP\/1\.1 200 .*keep-alive: timeout=30/is);
  await delay(2_500);
  expect(await ask()).toMatch(/^HTTP\/1\.1 200 /);
  socket.destroy();
  await own.stop();
});
