/// <reference lib="dom" />
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { createLog } from '../src/observe/log.ts';
import type { RunningServer } from '../src/server.ts';
import { startServer } from '../src/startServer.ts';
import { findChromium, launchBrowser, patienceMs } from '../testing/browser.ts';

const executablePath = findChromium();
const phone = { viewport: { width: 390, height: 844 } };

describe.skipIf(executablePath === null)('in a real browser', () => {
  let server: RunningServer;
  let browser: Browser;
  /** The lines in pages' consoles, and the URLs of other servers that they asked. */
  const complaints: string[] = [];

  beforeAll(async () => {
    const config = readConfig({ PORT: '0', GRPC_PORT: '0', MUSTER_DATA_DIR: 'memory://', MUSTER_LOG_LEVEL: 'silent' });
    server = await startServer(config, createLog(config));
    browser = await launchBrowser(executablePath);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** A page of a new visitor, for one test. */
  async function newPage(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 820 }, ...options });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    page.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(server.url)) complaints.push(request.url());
    });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${server.url}${path}`);
    return page;
  }

  async function openPlayground(options: BrowserContextOptions = {}, path = '/graphql'): Promise<Page> {
    const page = await newPage(path, options);
    await expect.poll(() => documentOf(page)).toContain('query Fleet');
    return page;
  }

  async function ask(query: string, authorization = ''): Promise<unknown> {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
    expect(errors).toBeUndefined();
    return data;
  }

  /** Another client's report of a plugin. */
  function publish(state: 'ACTIVE' | 'ERROR', authorization?: string): Promise<unknown> {
    return ask(
      `mutation { publishSupervisor(input: {
        domainId: "domain-acme", name: "edge seven", hostname: "edge-7",
        plugins: [{ pluginId: "plugin-aws-ec2-inven-collector", version: "1.2.2", state: ${state},
          endpoint: "grpc://172.16.16.130:50051", message: "disk full" }]
      }) { nextPublishInMs } }`,
      authorization,
    );
  }

  /** Begins the live events of the tab Live, and waits until the first is seen. */
  async function watch(page: Page, authorization?: string): Promise<void> {
    await clickTab(page, 'Live');
    await clickRun(page);
    await expect.poll(() => page.textContent('.live [role=status]')).toBe('Live');
    await publish('ACTIVE', authorization);
    await publish('ERROR', authorization);
    await expect.poll(() => eventsOf(page)).toContainEqual(expect.stringMatching(/ to ERROR .*edge seven/));
  }

  describe('the playground', () => {
    test.each(['/graphql', '/graphql/'])('at %s it runs a query, and leads to the start page', async (path) => {
      await publish('ACTIVE');
      const page = await openPlayground({}, path);
      await clickRun(page);
      await expect.poll(() => resultOf(page)).toContain('edge-7');
      await page.click('.bar a');
      await expect.poll(() => page.url()).toBe(`${server.url}/`);
    });

    test.each([
      ['Fleet', 'query'],
      ['Publish', 'mutation'],
      ['History', 'query'],
    ])('the first click on the tab %s shows its example, which works as it stands, at once', async (name, keyword) => {
      const page = await openPlayground();
      const answer = page.waitForResponse((reply) =>
        Boolean(reply.request().postData()?.includes(`${keyword} ${name}`)),
      );
      await clickTab(page, name);
      await expect.poll(() => documentOf(page)).toContain(`${keyword} ${name}`);
      await clickRun(page);
      expect(await (await answer).json()).not.toHaveProperty('errors');
      await expect.poll(() => resultOf(page)).toContain('"data"');
    });

    test('live events are listed newest first, and go on while another tab is used', async () => {
      const page = await openPlayground();
      await watch(page);
      await clickTab(page, 'Publish');
      await clickRun(page);
      await expect.poll(() => resultOf(page)).toContain('nextPublishInMs');
      await publish('ACTIVE');
      await clickTab(page, 'Live');
      await expect
        .poll(async () => (await eventsOf(page))[0])
        .toMatch(/^\d\d:\d\d:\d\d\.\d{3} .* to ACTIVE .*edge seven/);
      await page.click('.live button');
      await expect.poll(() => page.textContent('.live [role=status]')).toBe('Ended');
    });

    test('a connection that is lost is shown, and after it nothing is missing', async () => {
      const page = await newPage('/');
      let cut = () => {};
      await page.routeWebSocket(/graphql/, (socket) => {
        const behind = socket.connectToServer();
        cut = () => {
          void behind.close();
          void socket.close({ code: 1012 });
        };
      });
      await page.goto(`${server.url}/graphql`);
      await expect.poll(() => documentOf(page)).toContain('query Fleet');
      await watch(page);
      cut();
      await publish('ACTIVE');
      await expect.poll(() => eventsOf(page)).toContainEqual(expect.stringContaining('no change was lost'));
      await expect.poll(() => eventsOf(page)).toContainEqual(expect.stringContaining(' to ACTIVE '));
      expect(await eventsOf(page)).toContainEqual(expect.stringContaining('The connection was lost'));
    });

    test('a mistake in a document is answered with what is wrong, and no stack', async () => {
      const page = await openPlayground();
      await page.click('.graphiql-query-editor .view-lines');
      await page.keyboard.press('Control+a');
      await page.keyboard.type('query {{ nothing');
      await page.keyboard.press('Control+Enter');
      await expect.poll(() => resultOf(page)).toContain('Syntax Error');
      expect(await resultOf(page)).not.toMatch(/stack|\bat \S+\.js/);
    });

    test('what was run is in the history', async () => {
      const page = await openPlayground();
      await clickRun(page);
      await page.click('[aria-label="Show History"]');
      await expect.poll(() => page.textContent('.graphiql-history')).toContain('Fleet');
    });

    test('by keyboard alone a tab is opened, its example run, and the editor left again', async () => {
      const page = await openPlayground();
      await tabTo(page, '.graphiql-tab-button >> text=Publish');
      await page.keyboard.press('Enter');
      await expect.poll(() => documentOf(page)).toContain('mutation Publish');
      await tabTo(page, '.graphiql-query-editor .graphiql-editor');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Control+Enter');
      await expect.poll(() => resultOf(page)).toContain('nextPublishInMs');
      await page.keyboard.press('Escape');
      await tabTo(page, '.graphiql-execute-button');
      await tabTo(page, '#credential');
    });

    test('on a phone everything has its place, and works', async () => {
      const page = await openPlayground(phone);
      await clickRun(page);
      await expect.poll(() => resultOf(page)).toContain('"data"');
      for (const part of ['#credential', '.graphiql-query-editor', '.graphiql-execute-button', '.result-window']) {
        await expectWithin(page, part);
      }
      await watch(page);
      await expectWithin(page, '.live ol');
    });
  });

  describe('the start page', () => {
    test.each([
      ['a screen', {}],
      ['a phone', phone],
    ])('on %s, by mouse and by keyboard, it leads on', async (_title, options) => {
      const page = await newPage('/', options);
      await expectWithin(page, 'dl');
      await page.click('a[href$=docs]');
      await expect.poll(() => page.title()).toContain('Muster: supervisors');
      await page.goBack();
      await tabTo(page, 'a[href$=graphql]');
      await page.keyboard.press('Enter');
      await expect.poll(() => documentOf(page)).toContain('query Fleet');
    });
  });

  test('all of that left no word in a console, and asked no other server', () => {
    expect(complaints).toEqual([]);
  });

  // The last: from here on the server asks for a credential.
  test('A5: once there is a key, the page says where it goes, and one field serves queries, live events and reloads', async () => {
    const created = await ask('mutation { createApiKey(input: { name: "first", role: ADMIN }) { token } }');
    const { token } = (created as { createApiKey: { token: string } }).createApiKey;
    const page = await openPlayground();
    await expect.poll(() => page.textContent('#refusal')).toContain('UNAUTHENTICATED');
    await page.fill('#credential', token);
    await page.click('.bar button');
    await expect.poll(() => page.locator('#refusal').count()).toBe(0);
    await clickRun(page);
    await expect.poll(() => resultOf(page)).toContain('edge-7');
    await watch(page, `Bearer ${token}`);
    await page.reload();
    await clickTab(page, 'Publish');
    await clickRun(page);
    await expect.poll(() => resultOf(page)).toContain('nextPublishInMs');
  });
});

/** Reads the text of an editor, which shows blanks as no-break spaces. */
async function textOf(page: Page, selector: string): Promise<string | undefined> {
  return (await page.textContent(selector))?.replaceAll('\u00a0', ' ');
}

const documentOf = (page: Page) => textOf(page, '.graphiql-query-editor .view-lines');
const resultOf = (page: Page) => textOf(page, '.result-window');

/** The entries of the log, newest first. */
const eventsOf = (page: Page) => page.locator('.live :is(summary, li:not(:has(summary)))').allTextContents();

const clickTab = (page: Page, name: string) => page.click(`.graphiql-tab-button >> text=${name}`);
const clickRun = (page: Page) => page.click('.graphiql-execute-button');

/** Presses the Tab key until the focus is there. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 100; presses++) {
    if (
      await page
        .locator(selector)
        .first()
        .evaluate((element) => element.contains(document.activeElement))
    )
      return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key leads to no ${selector}`);
}

/** A part is on the screen, and nothing makes the page wider than the screen. */
async function expectWithin(page: Page, selector: string): Promise<void> {
  const box = await page.locator(selector).boundingBox();
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  if (box === null) return expect.fail(`${selector} is not shown`);
  expect(box.width, selector).toBeGreaterThan(20);
  expect(box.height, selector).toBeGreaterThan(20);
  expect(box.x, selector).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width, selector).toBeLessThanOrEqual(width);
  expect(box.y, selector).toBeLessThan(height - 20);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
}
