import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GuardedOperation } from '../src/limits/guard.ts';
import { standardGuards } from '../src/limits/guards.ts';
import { askFromPage } from '../testing/askFromPage.ts';
import { findChromium, launchBrowser, patienceMs } from '../testing/browser.ts';
import { startTestServer, type TestServer } from '../testing/index.ts';

const executablePath = findChromium();

const query = '{ supervisors { totalCount } }';
const mutation = JSON.stringify({
  query: 'mutation { publishSupervisor(input: {domainId: "a", name: "a", hostname: "a"}) { supervisor { id } } }',
});
const report = JSON.stringify({ name: 'a', hostname: 'a', domain_id: 'a' });
const targets: readonly [path: string, body: string][] = [
  [`/graphql?query=${encodeURIComponent(query)}`, mutation],
  ['/graphql', mutation],
  ['/plugin/v1/supervisors', report],
  ['/plugin/v1/docs', ''],
  ['/metrics', ''],
  ['/health', ''],
  ['/ready', ''],
];

describe.skipIf(executablePath === null)('A5: pages in a real browser, of an open server and of others', () => {
  /** The operations that only the last guard kept from being executed. */
  let admitted: GuardedOperation['kind'][] = [];
  let server: TestServer;
  /** Serves a blank page, whatever name it is asked by. */
  let elsewhere: Server;
  let browser: Browser;
  let page: Page;
  /** The statuses of the server's answers, by method and path. */
  let answers: [request: string, status: number][] = [];

  beforeAll(async () => {
    server = await startTestServer({
      createGuards: (config, rateLimiter) => [
        ...standardGuards(config, rateLimiter),
        { stage: 'execution', check: ({ kind }) => void admitted.push(kind) },
      ],
    });
    elsewhere = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>elsewhere</title><body>');
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    browser = await launchBrowser(executablePath, ['--host-resolver-rules=MAP *.example 127.0.0.1']);
    page = await browser.newPage();
    page.setDefaultTimeout(patienceMs);
    page.on('response', (response) => {
      const url = new URL(response.url());
      if (url.port === new URL(server.url).port)
        answers.push([`${response.request().method()} ${url.pathname}`, response.status()]);
    });
  });
  afterAll(async () => {
    await browser?.close();
    elsewhere?.close();
    await server?.stop();
  });
  beforeEach(() => {
    admitted = [];
    answers = [];
  });

  const portOf = (listening: Server) => (listening.address() as AddressInfo).port;

  test.each(['127.0.0.1', 'localhost', 'evil.example'])(
    'nothing is done for a page at %s, by whatever way it asks, and it can read nothing',
    async (hostname) => {
      for (const [path, body] of targets) {
        await page.goto(`http://${hostname}:${portOf(elsewhere)}/`);
        const read = await page.evaluate(askFromPage, { url: server.url + path, body });
        expect({ path, read: Object.entries(read).filter(([, seen]) => seen !== null) }).toEqual({ path, read: [] });
      }
      expect(admitted).toEqual([]);
      expect(answers.filter(([, status]) => status !== 403)).toEqual([]);
      // The browser did ask: its own list of answers lacks those that it keeps even from a debugger.
      expect(answers.length).toBeGreaterThanOrEqual(targets.length * 6);
    },
  );

  test('a page that is opened from elsewhere is refused, and by its address it opens', async () => {
    await page.goto(`http://localhost:${portOf(elsewhere)}/`);
    const [opened] = await Promise.all([
      page.waitForResponse((response) => response.url().startsWith(server.url)),
      page.waitForURL(`${server.url}/**`),
      page.evaluate((url) => void window.location.assign(url), `${server.url}/plugin/v1/docs`),
    ]);
    expect(opened.status()).toBe(403);
    expect((await page.goto(`${server.url}/plugin/v1/docs`))?.status()).toBe(200);
  });

  test('no page opens under another name for this machine, on any path', async () => {
    const { port } = new URL(server.url);
    for (const path of ['/', ...targets.map(([each]) => each)]) {
      expect((await page.goto(`http://rebound.example:${port}${path}`))?.status()).toBe(403);
    }
    expect(admitted).toEqual([]);
  });

  test('its own pages ask as they like', async () => {
    await page.goto(`${server.url}/health`);
    const [path, body] = targets[0] ?? ['', ''];
    const read = await page.evaluate(askFromPage, { url: server.url + path, body });
    expect(read).toMatchObject({
      fetch: '{"data":{"supervisors":{"totalCount":0}}}',
      'fetch POST JSON': expect.stringContaining('"publishSupervisor"'),
      // The playground's page, which is shown in no frame.
      iframe: null,
      WebSocket: 'opened',
    });
    expect(admitted).toContain('mutation');
  });
});
