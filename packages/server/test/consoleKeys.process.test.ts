/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../testing/browser.ts';
import { type ConsoleBrowser, openConsoleBrowser, violationsIn } from '../testing/console/consoleBrowser.ts';
import { publish } from '../testing/console/fleet.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === null)('in a real browser', () => {
  let console: ConsoleBrowser;
  let adminToken = '';

  beforeAll(async () => {
    console = await openConsoleBrowser(executablePath);
  });
  afterAll(() => console?.close());

  const dialogOf = (page: Page) => page.locator('dialog[open]');
  const keyNamed = (page: Page, name: string) => page.locator('tbody tr', { hasText: name });

  async function choose(page: Page, kind: string): Promise<void> {
    await page.click('button:has-text("Make a key")');
    await page.click(`.menu-line:has-text("${kind}")`);
  }

  /** Sends the dialog, reads the token that is shown, and closes it. */
  async function takeToken(page: Page): Promise<string> {
    await dialogOf(page).locator('button[type=submit]').click();
    const token = page.locator('.token code');
    await token.waitFor();
    const text = (await token.textContent()) ?? '';
    await page.click('text=I have copied it');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
    expect(await page.content()).not.toContain(text);
    return text;
  }

  test('A5: the first key closes the server, and the page goes on with it', async () => {
    await publish(console, 'edge-1');
    const page = await console.open('/keys');
    await expect.poll(() => page.textContent('.callout')).toContain('The server runs open.');
    await choose(page, 'API key');
    expect(await dialogOf(page).locator('.callout').textContent()).toContain('This closes the server.');
    await dialogOf(page).getByLabel('Name').fill('root');
    adminToken = await takeToken(page);
    await expect.poll(() => keyNamed(page, 'root').textContent()).toContain('AdminIn forceAll domains');
    const anonymous = await console.open('/keys');
    await expect.poll(() => anonymous.textContent('h1')).toBe('Sign in to Muster');
  });

  test('A7, A8: keys of all kinds are made, shown once, and revoked with those that they made', async () => {
    const page = await console.open('/keys', { token: adminToken });
    await choose(page, 'API key');
    await dialogOf(page).getByLabel('Name').fill('pipeline');
    await dialogOf(page).getByLabel('Domain').fill('acme');
    await dialogOf(page).getByLabel('Ends').selectOption('in 30 days');
    const pipeline = await takeToken(page);
    await choose(page, 'Enrollment key');
    await dialogOf(page).getByLabel('Name').fill('new sites');
    await dialogOf(page).getByLabel('Newcomers at most').fill('3');
    await dialogOf(page).getByLabel('Domain').fill('acme');
    expect(await violationsIn(page)).toEqual([]);
    const enrollment = await takeToken(page);
    await choose(page, 'Agent’s token');
    await dialogOf(page).getByLabel('Hostname').fill('edge-9.acme.example');
    await dialogOf(page).getByLabel('Domain').fill('acme');
    expect((await takeToken(page)).split('.')).toHaveLength(3);
    // By the pipeline's key, which so has made one.
    const { createApiKey: made } = await console.ask<{ createApiKey: { token: string } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { token } }',
      { input: { name: 'job', role: 'VIEWER', expiresAt: new Date(Date.now() + 60_000).toISOString() } },
      pipeline,
    );
    await publish(console, 'edge-2', { registers: false, token: enrollment });
    await expect.poll(() => keyNamed(page, 'new sites').textContent()).toContain('1 of 3');
    await expect.poll(() => keyNamed(page, 'edge-9').first().textContent()).toContain('only edge-9.acme.example');
    await page.click('[aria-label="Revoke pipeline"]');
    await expect.poll(() => dialogOf(page).textContent()).toContain('One key was made with it: job.');
    await dialogOf(page).getByLabel('Revoke those, too').check();
    await dialogOf(page).getByLabel('Type pipeline to confirm').fill('pipeline');
    await dialogOf(page).locator('button[type=submit]').click();
    await expect.poll(() => page.textContent('.toast')).toContain('pipeline is revoked, and 1 keys with it.');
    await expect.poll(() => keyNamed(page, 'pipeline').textContent()).toContain('Revoked');
    const { viewer } = await ofToken(made.token);
    expect(viewer).toBe('UNAUTHENTICATED');
  });

  /** Whose a token is, or the code of the refusal. */
  async function ofToken(token: string): Promise<{ readonly viewer: string }> {
    const response = await fetch(`${console.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { subject } }' }),
    });
    const { data, errors } = (await response.json()) as {
      data?: { viewer: { subject: string } | null };
      errors?: readonly { extensions: { code: string } }[];
    };
    return { viewer: errors?.[0]?.extensions.code ?? data?.viewer?.subject ?? '' };
  }

  test('the page about the server names its version and tables, and leads to what else it serves', async () => {
    const page = await console.open('/about', { token: adminToken });
    await expect.poll(() => page.textContent('.facts')).toMatch(/Muster \d+\.\d+\.\d+/);
    await expect.poll(() => page.textContent('.facts')).toMatch(/Tables\d{14}_/);
    await expect.poll(() => page.textContent('.facts')).toMatch(/Database(PostgreSQL|embedded)/);
    const bound = page.locator('tr', { hasText: 'MUSTER_OPERATION_TIMEOUT_SECONDS' });
    expect(await bound.locator('td').last().textContent()).toBe('10');
    const links = await page
      .locator('.about-link')
      .evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).href));
    const answers = await Promise.all(
      links.map(async (link) => (await fetch(link, { headers: { accept: 'text/html' } })).status),
    );
    expect(links).toHaveLength(4);
    expect(answers).toEqual(links.map(() => 200));
  });

  test('K15: a viewer is offered neither keys nor changes', async () => {
    const { createApiKey } = await console.ask<{ createApiKey: { token: string } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { token } }',
      { input: { name: 'reader', role: 'VIEWER', domainId: 'acme' } },
      adminToken,
    );
    for (const path of ['/keys', '/releases', '/deployments', '/place?plugin=a&version=1']) {
      const page = await console.open(path, { token: createApiKey.token });
      await page.waitForSelector('h1');
      await page.waitForSelector('[aria-label=Loading]', { state: 'detached' });
      expect(await page.locator('.page-actions button, .list-tools button').count()).toBe(0);
      expect(await page.locator('tbody button').count()).toBe(0);
    }
  });

  test.each(
    ['/keys', '/about'].flatMap((path) =>
      ['light', 'dark'].map((scheme) => [path, scheme] as [string, 'light' | 'dark']),
    ),
  )('K11: axe finds no violation in %s, %s', async (path, colorScheme) => {
    const page = await console.open(path, { colorScheme, token: adminToken });
    await page.waitForSelector('h1');
    await page.waitForSelector('[aria-label=Loading]', { state: 'detached' });
    expect(await violationsIn(page)).toEqual([]);
  });
});
