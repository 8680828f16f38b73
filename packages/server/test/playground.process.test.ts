/// <reference lib="dom" />
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { createLog } from '../src/observe/log.ts';
import type { RunningServer } from '../src/server.ts';
import { startServer } from '../src/startServer.ts';
import { findChromium, launchBrowser, patienceMs } from '../testing/browser.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === null)('the playground, in a real browser', () => {
  let server: RunningServer;
  let browser: Browser;
  /** The playground, open for all tests that only switch its tabs. */
  let page: Page;
  /** The page's requests to other servers than its own. */
  const foreign: string[] = [];

  beforeAll(async () => {
    const config = readConfig({ PORT: '0', GRPC_PORT: '0', MUSTER_DATA_DIR: 'memory://', MUSTER_LOG_LEVEL: 'silent' });
    server = await startServer(config, createLog(config));
    browser = await launchBrowser(executablePath);
    page = await newPage();
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('blob:')) foreign.push(request.url());
    });
    await openPlayground(page);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function newPage(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 820 } });
    context.setDefaultTimeout(patienceMs);
    return context.newPage();
  }

  async function openPlayground(page: Page): Promise<void> {
    await page.goto(`${server.url}/graphql`);
    await page.waitForSelector('.graphiql-execute-button');
  }

  /** GraphiQL's tabs can be dragged, and take a headless browser's mouse for a drag; so this clicks without one. */
  async function openTab(name: string, keyword: string): Promise<void> {
    await expect
      .poll(
        async () => {
          await page.locator('.graphiql-tab-button', { hasText: name }).dispatchEvent('click');
          return textOf(page, '.graphiql-query-editor .view-lines');
        },
        { interval: 250 },
      )
      .toContain(`${keyword} ${name}`);
    // Which operation a tab holds is worked out a moment after it is shown; a run before that would name the last one.
    await expect.poll(() => page.evaluate(operationOfActiveTab)).toBe(name);
  }

  async function publish(state: 'ACTIVE' | 'ERROR', hostname = 'edge-7'): Promise<void> {
    const query = `mutation Publish($state: PluginState!, $hostname: String!) {
      publishSupervisor(input: {
        domainId: "domain-acme", name: "edge seven", hostname: $hostname,
        plugins: [{ pluginId: "plugin-aws-ec2-inven-collector", version: "1.2.2", state: $state,
          endpoint: "grpc://172.16.16.130:50051", message: "disk full" }]
      }) { nextPublishInMs }
    }`;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { state, hostname } }),
    });
    expect(await response.json()).not.toHaveProperty('errors');
  }

  test('it runs a query, and asks nobody but its own server', async () => {
    await publish('ACTIVE');
    await openTab('Fleet', 'query');
    await page.locator('.graphiql-execute-button').dispatchEvent('click');
    await expect.poll(() => textOf(page, '.result-window')).toContain('edge-7');
    expect(foreign).toEqual([]);
  });

  test('it shows, live, what a mutation of another client changes', async () => {
    await openTab('Live', 'subscription');
    await page.locator('.graphiql-execute-button').dispatchEvent('click');
    // Nothing tells when a subscription has begun, so the other client goes on changing until one change is seen.
    let state: 'ACTIVE' | 'ERROR' = 'ACTIVE';
    await expect
      .poll(
        async () => {
          state = state === 'ACTIVE' ? 'ERROR' : 'ACTIVE';
          await publish(state);
          return textOf(page, '.result-window');
        },
        { interval: 200 },
      )
      .toMatch(/"pluginStateChanged".*"from": "ACTIVE".*"to": "ERROR".*"plugin-aws-ec2-inven-collector"/s);
    if (process.env.MUSTER_SCREENSHOT) await page.screenshot({ path: process.env.MUSTER_SCREENSHOT });
  });

  test.each([
    ['Fleet', 'query'],
    ['Publish', 'mutation'],
    ['History', 'query'],
  ])('its example %s works as it stands', async (name, keyword) => {
    await openTab(name, keyword);
    const [response] = await Promise.all([
      page.waitForResponse((reply) => reply.request().postData()?.includes(`${keyword} ${name}`) ?? false),
      page.locator('.graphiql-execute-button').dispatchEvent('click'),
    ]);
    expect(await response.json()).not.toHaveProperty('errors');
  });

  // The last: from here on the server asks for a credential.
  test('A5: once there is a key, its page still opens, and runs a subscription with the header that is set there', async () => {
    const reply = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'mutation { createApiKey(input: { name: "first", role: ADMIN }) { token } }',
      }),
    });
    const { data } = (await reply.json()) as { data: { createApiKey: { token: string } } };
    const page = await newPage();
    const query = 'subscription Own { watchSupervisors { type } }';
    await page.addInitScript(rememberTab, { query, token: data.createApiKey.token });
    await openPlayground(page);
    await expect.poll(() => textOf(page, '.graphiql-query-editor .view-lines')).toContain('subscription Own');
    await page.locator('.graphiql-execute-button').dispatchEvent('click');
    await expect.poll(() => textOf(page, '.result-window')).toMatch(/"type": "(ADDED|SYNCED)"/);
  });
});

/** Runs in the page before it loads: what GraphiQL remembers of a tab with a query and headers. */
function rememberTab({ query, token }: { query: string; token: string }): void {
  const headers = JSON.stringify({ authorization: `Bearer ${token}` });
  const tab = {
    id: 'a',
    hash: 'a',
    title: 'Own',
    query,
    headers,
    variables: null,
    operationName: 'Own',
    response: null,
  };
  localStorage.setItem('graphiql:tabState', JSON.stringify({ activeTabIndex: 0, tabs: [tab] }));
  localStorage.setItem('graphiql:query', query);
  localStorage.setItem('graphiql:headers', headers);
  localStorage.setItem('graphiql:shouldPersistHeaders', 'true');
}

/** Reads the text of an editor, which shows blanks as no-break spaces. */
async function textOf(page: Page, selector: string): Promise<string | undefined> {
  return (await page.textContent(selector))?.replaceAll('\u00a0', ' ');
}

/** Runs in the page: what GraphiQL remembers of the tab that is shown. */
function operationOfActiveTab(): string | undefined {
  const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}');
  return tabs?.[activeTabIndex]?.operationName;
}
