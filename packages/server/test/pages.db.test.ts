import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startTestServer, useTestServer } from '../testing/index.ts';

const server = useTestServer();
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** `fetch` would choose a coding itself, and decode the answer. */
async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const asked = request(`${server.url}${path}`, { method, headers });
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    asked.on('response', resolve).on('error', reject).end(),
  );
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

describe('the start page says what there is', () => {
  test('as a page for a browser, with links to all that a browser can open', async () => {
    const { status, headers, body } = await get('/', html);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const page = String(body);
    expect(page).toContain('is <strong>open</strong>');
    expect(page).toContain(server.grpcAddress);
    const links = [...page.matchAll(/href="\.([^"]+)"/g)].map(([, path = '']) => path);
    expect(links).toEqual(
      expect.arrayContaining(['/console/', '/graphql', '/plugin/v1/docs', '/metrics', '/health', '/ready']),
    );
    for (const path of links) expect((await get(path, html)).status, path).toBe(200);
  });

  test('as JSON for everybody else', async () => {
    for (const headers of [{ accept: 'application/json' }, { accept: '*/*' }, {}]) {
      expect(JSON.parse(String((await get('/', headers)).body))).toEqual({
        name: 'muster',
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        open: true,
        graphql: '/graphql',
        playground: '/graphql',
        console: '/console/',
        rest: '/plugin/v1/docs',
        openapi: '/plugin/v1/openapi.json',
        grpc: server.grpcAddress,
        metrics: '/metrics',
        health: '/health',
        started: '/started',
        ready: '/ready',
      });
    }
  });

  test('below a prefix, of a closed server without a playground and a console', async () => {
    const env = {
      MUSTER_BASE_PATH: '/muster',
      MUSTER_JWT_SECRET: 'x'.repeat(32),
      MUSTER_GRAPHIQL: 'false',
      MUSTER_CONSOLE: 'false',
    };
    const other = await startTestServer({ env });
    onTestFinished(() => other.stop());
    const page = await (await fetch(`${other.url}/muster`, { headers: html })).text();
    expect(page).toContain('is <strong>closed</strong>');
    expect(page).toContain('href="/muster/plugin/v1/docs"');
    expect(page).not.toContain('href="/muster/graphql"');
    expect(page).not.toContain('console/');
    expect((await fetch(`${other.url}/muster/console/`, { headers: html })).status).toBe(404);
    const document = await (await fetch(`${other.url}/muster/`)).json();
    expect(document).toMatchObject({ open: false, playground: null, console: null, graphql: '/muster/graphql' });
  });

  test('to nobody who sends an operation there: that one is led to /graphql, as it was sent', async () => {
    const reply = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ viewer { role } }' }),
    });
    expect(await reply.json()).toEqual({ data: { viewer: { role: 'ADMIN' } } });
  });
});

describe("the playground's page", () => {
  test('asks nobody but its own server, and is asked for again only when it has changed', async () => {
    const { status, headers, body } = await get('/graphql', html);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers.vary).toContain('accept,');
    expect(String(body)).not.toMatch(/(src|href)="(\/|https?:)/);
    const again = await get('/graphql', { ...html, 'if-none-match': headers.etag ?? '' });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  test('names files that browsers keep, and that come as small as the browser takes them', async () => {
    const page = String((await get('/graphql', html)).body);
    const [, script = ''] = /<script [^>]*src="\.(\/playground\/[^"]+)"/.exec(page) ?? [];
    const plain = await get(script);
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    const gzip = await get(script, { 'accept-encoding': 'gzip, br;q=0' });
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzip.body)).toEqual(plain.body);
    const br = await get(script, { 'accept-encoding': 'gzip, deflate, br' });
    expect(br.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(br.body)).toEqual(plain.body);
    expect(br.body.length).toBeLessThan(plain.body.length / 3);
    const head = await get(script, {}, 'HEAD');
    expect([head.headers['content-length'], head.body.length]).toEqual([String(plain.body.length), 0]);
  });

  test.each(['/playground/nothing.js', '/playground/', '/playground/../index.html', '/index.html', '/licenses.json'])(
    'has no file at %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
});

describe("the console's page", () => {
  const scriptOf = (page: string) => /<script [^>]*src="([^"]+)"/.exec(page)?.[1] ?? '';

  test('runs no script but its own, makes none of text, and is asked for again only when it has changed', async () => {
    const { status, headers, body } = await get('/console/', html);
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    const policy = headers['content-security-policy'];
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';/);
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
    expect(policy).not.toContain('unsafe');
    expect(String(body)).not.toMatch(/(src|href)="(\/|https?:)/);
    const again = await get('/console/', { ...html, 'if-none-match': headers.etag ?? '' });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  test.each(['/console/', '/console/supervisors', '/console/supervisors/supervisor-0123456789ab', '/console/a/b/'])(
    'is the same one at %s, with files that are found from there',
    async (path) => {
      const page = await get(path, html);
      const script = new URL(scriptOf(String(page.body)), `${server.url}${path}`);
      expect(script.pathname).toMatch(/^\/console\/assets\/index-[\w-]+\.js$/);
      expect((await get(script.pathname)).status).toBe(200);
    },
  );

  test('is led to where its files are found', async () => {
    const { status, headers } = await get('/console');
    expect([status, headers.location]).toEqual([308, 'console/']);
  });

  test('K12: its files come as small as the browser takes them, and are kept', async () => {
    const script = new URL(scriptOf(String((await get('/console/', html)).body)), `${server.url}/console/`).pathname;
    const plain = await get(script);
    for (const [coding, decode] of [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const coded = await get(script, { 'accept-encoding': coding });
      expect(coded.headers).toMatchObject({
        'content-encoding': coding,
        'cache-control': 'public, max-age=31536000, immutable',
      });
      expect(decode(coded.body)).toEqual(plain.body);
    }
  });

  test.each(['/console/assets/nothing.js', '/console/index.html', '/console/licenses.json', '/console/x.png'])(
    'has no file at %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  test('K8: says which environment it is', async () => {
    const other = await startTestServer({ env: { MUSTER_CONSOLE_LABEL: 'production "eu" <1>' } });
    onTestFinished(() => other.stop());
    const page = await (await fetch(`${other.url}/console/`)).text();
    expect(page).toContain('content="production &quot;eu&quot; &lt;1&gt;"');
  });
});
