/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../testing/browser.ts';
import { type ConsoleBrowser, namesIn, openConsoleBrowser, violationsIn } from '../testing/console/consoleBrowser.ts';
import { publish } from '../testing/console/fleet.ts';

const executablePath = findChromium();
const fleetSize = 60;
const nameOf = (index: number) => `edge-${String(index).padStart(3, '0')}`;

test('K12: scripts and styles of the first page are at most 60 kB, compressed; the views that come later are loaded then', () => {
  const folder = fileURLToPath(new URL('../src/generated/console', import.meta.url));
  const page = readFileSync(`${folder}/index.html`, 'utf8');
  const files = [...page.matchAll(/assets\/[^"]+\.(?:js|css)(?=")/g)].map(([name]) => name);
  const sizes = files.map((name) => gzipSync(readFileSync(`${folder}/${name}`), { level: 9 }).length);
  expect(sizes.length).toBeGreaterThan(1);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60 * 1024);
});

describe.skipIf(executablePath === null)('in a real browser', () => {
  let console: ConsoleBrowser;
  let first: string;

  beforeAll(async () => {
    console = await openConsoleBrowser(executablePath);
    const ids = await Promise.all(Array.from({ length: fleetSize }, (_, index) => publish(console, nameOf(index))));
    first = ids[0] ?? '';
  });
  afterAll(() => console?.close());

  async function openList(options: Parameters<ConsoleBrowser['open']>[1] = {}, search = ''): Promise<Page> {
    const page = await console.open(`/supervisors${search}`, options);
    await page.waitForSelector('tbody tr');
    await expect.poll(() => statusOf(page)).toBe('Live');
    return page;
  }

  const statusOf = (page: Page) => page.textContent('.side-bar [data-status]');
  const rowOf = (page: Page, name: string) => page.locator('tbody tr', { hasText: `${name}.acme` });

  test('K1: a list has 50 rows a page, and the server sorts, filters and counts', async () => {
    const page = await openList();
    expect(await namesIn(page)).toEqual(Array.from({ length: 50 }, (_, index) => nameOf(index)));
    expect(await page.textContent('.list-count')).toBe('1–50 of 60 supervisors');
    await page.click('[aria-label="Next page"]');
    await expect.poll(() => namesIn(page)).toEqual(Array.from({ length: 10 }, (_, index) => nameOf(50 + index)));
    expect(await page.textContent('.list-count')).toBe('51–60 of 60 supervisors');
    await page.click('th button:has-text("Name")');
    await expect.poll(async () => (await namesIn(page))[0]).toBe(nameOf(59));
    await page.fill('[data-search]', 'EDGE-00');
    await expect.poll(() => namesIn(page)).toEqual(Array.from({ length: 10 }, (_, index) => nameOf(9 - index)));
  });

  test('K2, K4: over a lost connection the rows stay true, and those that come are announced', async () => {
    const page = await console.open('/about:blank');
    let cut = () => {};
    await page.routeWebSocket(/graphql/, (socket) => {
      const behind = socket.connectToServer();
      cut = () => {
        void behind.close();
        void socket.close({ code: 1012 });
      };
    });
    await page.goto(`${console.url}/console/supervisors?q=edge-05`);
    await expect.poll(() => statusOf(page)).toBe('Live');
    await expect.poll(() => namesIn(page)).toHaveLength(10);
    const seen: unknown[] = [];
    await page.exposeFunction('noteStatus', (text: string) => seen.push(text));
    await page.evaluate(() => {
      const pill = document.querySelector('.side-bar [data-status]') as HTMLElement;
      const note = (globalThis as unknown as { noteStatus(text: string): void }).noteStatus;
      new MutationObserver(() => note(pill.textContent)).observe(pill, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    cut();
    await console.ask(
      `mutation ($input: DisableSupervisorsInput!) { disableSupervisors(input: $input) { items { outcome } } }`,
      { input: { filter: { name: { eq: nameOf(50) } } } },
    );
    await publish(console, 'edge-05x');
    await expect.poll(() => rowOf(page, nameOf(50)).textContent()).toContain('Disabled');
    await expect.poll(() => page.textContent('.news')).toBe('1 new Show');
    expect(seen).toContainEqual(expect.stringMatching(/^Reconnecting since \d\d:\d\d:\d\d$/));
    await expect.poll(() => statusOf(page)).toBe('Live');
    expect(await namesIn(page)).toHaveLength(10);
    await page.click('.news');
    await expect.poll(() => namesIn(page)).toHaveLength(11);
  });

  test('K2: over a lost connection the rows shown are read again, so that none is stale however late its events come', async () => {
    const page = await console.open('/about:blank');
    let cut = () => {};
    let isSlow = false;
    await page.routeWebSocket(/graphql/, (socket) => {
      const behind = socket.connectToServer();
      const holdsEvents = isSlow;
      behind.onMessage((message) => {
        if (!holdsEvents || !String(message).includes('"type":"next"')) socket.send(message);
      });
      cut = () => {
        isSlow = true;
        void behind.close();
        void socket.close({ code: 1012 });
      };
    });
    await page.goto(`${console.url}/console/supervisors?q=edge-02`);
    await expect.poll(() => statusOf(page)).toBe('Live');
    await expect.poll(() => rowOf(page, nameOf(20)).textContent()).toContain('Enabled');
    cut();
    await console.ask(
      `mutation { disableSupervisors(input: { filter: { name: { eq: "${nameOf(20)}" } } }) { after } }`,
    );
    await expect.poll(() => rowOf(page, nameOf(20)).textContent()).toContain('Disabled');
    await expect.poll(() => statusOf(page)).toBe('Live');
    await console.ask(`mutation { enableSupervisors(input: { filter: { name: { eq: "${nameOf(20)}" } } }) { after } }`);
  });

  test('K4: a row that matches no more stays in its place and looks gone, until it matches again', async () => {
    const page = await openList({}, '?q=edge-04&cordoned=no');
    const names = await namesIn(page);
    const cordon = (field: 'cordonSupervisors' | 'uncordonSupervisors') =>
      console.ask(`mutation { ${field}(input: { filter: { name: { eq: "${nameOf(43)}" } } }) { items { outcome } } }`);
    const gone = () => page.locator('tbody tr.gone th a').allTextContents();
    await cordon('cordonSupervisors');
    await expect.poll(gone).toEqual([nameOf(43)]);
    expect(await namesIn(page)).toEqual(names);
    await cordon('uncordonSupervisors');
    await expect.poll(gone).toEqual([]);
    expect(await namesIn(page)).toEqual(names);
  });

  test('K3: loading, failed, nothing left by the filter, and nothing at all look different', async () => {
    const page = await console.open('/about:blank');
    let answer = () => {};
    let isBroken = false;
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('supervisorPage')) return route.continue();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return isBroken ? route.abort() : route.continue();
    });
    await page.goto(`${console.url}/console/supervisors?q=nobody`);
    await page.waitForSelector('[role=status][aria-label=Loading]');
    expect(await page.locator('.feedback').count()).toBe(0);
    isBroken = true;
    answer();
    await expect.poll(() => page.textContent('[role=alert] .feedback-title')).toBe('The server does not answer');
    isBroken = false;
    await page.unroute('**/graphql');
    await page.click('text=Try again');
    await expect.poll(() => page.textContent('.feedback-title')).toBe('No supervisor matches');
    await page.click('text=Clear the filters');
    await expect.poll(() => namesIn(page)).toHaveLength(50);
  });

  test('K6: filters, sorting and page live in the URL, and show the same rows in another browser', async () => {
    const page = await openList();
    await page.click('button:has-text("Labels")');
    await page.fill('[aria-label="Labels"]', 'env=prod');
    await page.keyboard.press('Enter');
    await page.click('button:has-text("State")');
    await page.click('.choice-line:has-text("Enabled")');
    await page.click('th button:has-text("Name")');
    await expect.poll(async () => (await namesIn(page))[0]).toMatch(/^edge-05/);
    const names = await namesIn(page);
    expect(new URL(page.url()).searchParams.toString()).toBe('state=ENABLED&label=env%3Dprod&sort=-name');
    const other = await openList({}, new URL(page.url()).search);
    expect(await namesIn(other)).toEqual(names);
    await page.goBack();
    await expect.poll(async () => (await namesIn(page))[0]).toBe(nameOf(1));
  });

  test.each(['Asia/Seoul', 'UTC'])(
    'K7: in %s times are relative, in full on hover, and UTC for programs',
    async (timezoneId) => {
      const page = await console.open(`/supervisors/${first}`, { timezoneId });
      const time = page.locator('.facts time').first();
      await expect.poll(() => time.textContent()).toMatch(/just now|ago/);
      const at = (await time.getAttribute('datetime')) ?? '';
      expect(at).toMatch(/Z$/);
      const [, local, offset] = /^(.*) UTC(.*)$/.exec((await time.getAttribute('title')) ?? '') ?? [];
      expect(offset).toBe(timezoneId === 'UTC' ? '+00:00' : '+09:00');
      expect(Math.floor(Date.parse(`${local?.replace(' ', 'T')}${offset}`) / 1_000)).toBe(
        Math.floor(Date.parse(at) / 1_000),
      );
    },
  );

  test('K8: it is dark or light as the system is, or as it was chosen', async () => {
    const page = await openList({ colorScheme: 'dark' });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await page.click('.side-foot .menu > button');
    await page.click('button:has-text("Light")');
    expect(await background()).not.toBe(dark);
    await page.reload();
    await page.waitForSelector('tbody tr');
    expect(await background()).not.toBe(dark);
  });

  test('K11: a list is a real table, with a caption, heads and a sorting that are said', async () => {
    const page = await openList();
    expect(await page.textContent('table caption')).toBe('Supervisors');
    expect(await page.getAttribute('thead th:has-text("Name")', 'aria-sort')).toBe('ascending');
    expect(await page.getAttribute('thead th:has-text("State")', 'aria-sort')).toBe('none');
    expect(await page.locator('tbody tr').count()).toBe(50);
  });

  test('K13, K14: a dialog says what follows, wants a name typed before something ends, and keeps an error', async () => {
    const page = await console.open(`/supervisors/${first}`);
    await page.click('button:has-text("Actions")');
    await page.click('.menu-line:has-text("Deregister")');
    const dialog = page.locator('dialog[open]');
    await expect.poll(() => dialog.locator('h2').textContent()).toBe(`Deregister ${nameOf(0)}`);
    const button = dialog.locator('button[type=submit]');
    expect(await button.isDisabled()).toBe(true);
    await dialog.locator('input[autocomplete=off]').fill(nameOf(0));
    let answer = () => {};
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('deregisterSupervisor')) return route.continue();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return route.fulfill({
        json: { data: null, errors: [{ message: 'plugins: x 1', extensions: { code: 'INSTALLED_PLUGIN_EXISTS' } }] },
      });
    });
    await button.click();
    await expect.poll(() => button.isDisabled()).toBe(true);
    await expect.poll(() => button.textContent()).toBe('Working…');
    answer();
    await expect
      .poll(() => dialog.locator('[role=alert]').textContent())
      .toContain('INSTALLED_PLUGIN_EXISTS plugins: x 1');
    expect(await dialog.locator('[role=alert]').textContent()).toContain('Drain the supervisor');
    expect(await button.isDisabled()).toBe(false);
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
  });

  test('by keyboard alone a row is found, opened, and left again', async () => {
    const page = await openList();
    await page.keyboard.press('/');
    await page.keyboard.type('edge-03');
    await expect.poll(() => namesIn(page)).toHaveLength(10);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    for (const key of ['j', 'j', 'k', 'j']) await page.keyboard.press(key);
    await page.keyboard.press('x');
    expect(await rowOf(page, nameOf(31)).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.textContent('h1')).toBe(nameOf(31));
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await expect.poll(() => page.textContent('h1')).toBe('Plugins');
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
  });

  test.each([
    '/',
    '/supervisors',
    '/plugins',
    '/pending',
    '/pending?tab=blocked',
    '/events',
    '/nowhere',
    ...['', 'assignments', 'events', 'conditions'].map((tab) => `/supervisors/{id}?tab=${tab}`),
  ])('K11: axe finds no violation in %s, light or dark', async (path) => {
    const page = await console.open(path.replace('{id}', first));
    await page.waitForSelector('h1');
    await page.waitForSelector('[aria-label=Loading]', { state: 'detached' });
    for (const colorScheme of ['light', 'dark'] as const) {
      // Without motion, since a colour on its way to another is none of either theme.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await violationsIn(page), colorScheme).toEqual([]);
    }
  });

  test('all of that asked no other server, and left no word in a console but of what was cut off', () => {
    expect(console.complaints.filter((each) => !/^Failed to load resource/.test(each))).toEqual([]);
  });

  // The last: from here on the server asks for a credential.
  test('K2, K15: a key opens the page, offers what its role may do, and leads to the sign-in at once when it has ended', async () => {
    const admin = await createKey('ADMIN');
    const viewer = await createKey('VIEWER', admin.token);
    const page = await console.open(`/supervisors/${first}`);
    await expect.poll(() => page.textContent('h1')).toBe('Sign in to Muster');
    expect(await violationsIn(page)).toEqual([]);
    await page.fill('input[type=password]', 'muster_nonsense');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.textContent('[role=alert]')).toContain('was not accepted');
    await page.fill('input[type=password]', viewer.token);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.textContent('h1')).toBe(nameOf(0));
    await expect.poll(() => statusOf(page)).toBe('Live');
    expect(await page.locator('.page-actions button').count()).toBe(0);
    expect(page.url()).not.toContain(viewer.token);
    await console.ask(
      `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { id } } }`,
      { input: { apiKeyId: viewer.id } },
      admin.token,
    );
    await expect.poll(() => page.textContent('h1')).toBe('Sign in to Muster');
    const operator = await console.open(`/supervisors/${first}`, { token: admin.token });
    await expect.poll(() => operator.locator('.page-actions button').count()).toBeGreaterThan(0);
  });

  async function createKey(role: string, token = ''): Promise<{ id: string; token: string }> {
    const { createApiKey } = await console.ask<{ createApiKey: { token: string; apiKey: { id: string } } }>(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { token apiKey { id } } }`,
      { input: { name: role, role, ...(role !== 'ADMIN' && { domainId: 'acme' }) } },
      token,
    );
    return { id: createApiKey.apiKey.id, token: createApiKey.token };
  }
});
