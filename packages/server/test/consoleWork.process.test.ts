/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../testing/browser.ts';
import { type ConsoleBrowser, namesIn, openConsoleBrowser, violationsIn } from '../testing/console/consoleBrowser.ts';
import { publish } from '../testing/console/fleet.ts';

const executablePath = findChromium();
const fleetSize = 55;

describe.skipIf(executablePath === null)('operators work with the console', () => {
  let console: ConsoleBrowser;

  beforeAll(async () => {
    console = await openConsoleBrowser(executablePath);
    await Promise.all(
      Array.from({ length: fleetSize }, (_, index) => publish(console, `edge-${String(index).padStart(2, '0')}`)),
    );
  });
  afterAll(() => console?.close());

  /** The inputs of a mutation that a page has sent. */
  function inputsOf(page: Page, mutation: string): Record<string, unknown>[] {
    const inputs: Record<string, unknown>[] = [];
    page.on('request', (request) => {
      const body = request.postDataJSON() as { query?: string; variables?: { input: Record<string, unknown> } } | null;
      if (body?.query?.startsWith(`mutation ${mutation}`) && body.variables) inputs.push(body.variables.input);
    });
    return inputs;
  }

  /** Chooses all that match, and opens the dialog of an action. */
  async function chooseAll(page: Page, action: string): Promise<void> {
    await page.waitForSelector('tbody tr');
    await page.click('[aria-label="Choose all rows on this page"]');
    await page.click(`text=Choose all ${fleetSize} that match`);
    await page.click('.chosen-bar button:has-text("Actions")');
    await page.click(`.menu-line:text-is("${action}")`);
  }

  const dialogOf = (page: Page) => page.locator('dialog[open]');

  test('K5, K10: a bulk change counts first, and sends the filter on screen, which is that of the URL', async () => {
    const page = await console.open('/supervisors?state=ENABLED&label=env');
    const inputs = inputsOf(page, 'cordonSupervisors');
    await chooseAll(page, 'Cordon');
    await expect.poll(() => dialogOf(page).textContent()).toContain(`${fleetSize} supervisors will be changed`);
    await expect.poll(() => dialogOf(page).locator('.bulk-rows li').count()).toBe(11);
    await expect.poll(() => dialogOf(page).textContent()).toContain('.acme.example)');
    expect(await violationsIn(page)).toEqual([]);
    await dialogOf(page).locator('button[type=submit]').click();
    await expect.poll(() => page.textContent('.toast')).toContain(`Cordon: ${fleetSize} supervisors`);
    await expect.poll(() => page.locator('tbody .state:has-text("Cordoned")').count()).toBe(50);
    const filter = { state: { in: ['ENABLED'] }, and: [{ labels: { hasKey: 'env' } }] };
    expect(inputs).toEqual([{ filter, dryRun: true }, { filter, dryRun: true }, { filter }]);
  });

  test('K5: when the count has moved by more than a tenth, nothing is changed', async () => {
    const page = await console.open('/supervisors?cordoned=yes');
    const inputs = inputsOf(page, 'uncordonSupervisors');
    await chooseAll(page, 'Uncordon');
    await expect.poll(() => dialogOf(page).textContent()).toContain(`${fleetSize} supervisors will be changed`);
    await console.ask(`mutation ($input: UncordonSupervisorsInput!) { uncordonSupervisors(input: $input) { after } }`, {
      input: { filter: { name: { startsWith: 'edge-0' } } },
    });
    await dialogOf(page).locator('button[type=submit]').click();
    await expect
      .poll(() => dialogOf(page).locator('[role=alert]').textContent())
      .toContain('Nothing was changed: meanwhile 45 supervisors match, no longer 55');
    expect(inputs.filter(({ dryRun }) => dryRun !== true)).toEqual([]);
    await dialogOf(page).locator('button[type=submit]').click();
    await expect.poll(() => page.textContent('.toast')).toContain('Uncordon: 45 supervisors');
  });

  test('K4: while many rows change, the page neither scrolls nor forgets which are chosen', async () => {
    const page = await console.open('/supervisors');
    await page.waitForSelector('tbody tr');
    const boxes = page.locator('tbody .choice input');
    await boxes.nth(20).click();
    await boxes.nth(24).click();
    await page.evaluate(() => scrollTo(0, 600));
    const chosen = () => page.locator('tbody tr[aria-selected=true] th a').allTextContents();
    const before = { chosen: await chosen(), scrollY: await page.evaluate(() => scrollY), names: await namesIn(page) };
    expect(before.scrollY).toBeGreaterThan(0);
    for (const verb of ['disable', 'enable', 'disable', 'enable', 'disable']) {
      const name = `${verb}Supervisors`;
      const type = `${verb[0]?.toUpperCase()}${verb.slice(1)}SupervisorsInput`;
      await console.ask(`mutation ($input: ${type}!) { ${name}(input: $input) { after } }`, { input: { all: true } });
    }
    await expect.poll(() => page.locator('tbody .state:has-text("Disabled")').count()).toBe(50);
    const after = { chosen: await chosen(), scrollY: await page.evaluate(() => scrollY), names: await namesIn(page) };
    expect(after).toEqual(before);
    await console.ask(`mutation { enableSupervisors(input: { all: true }) { after } }`);
  });

  test('K10: Shift and a click choose a range, for which alone a change is', async () => {
    const page = await console.open('/supervisors');
    const inputs = inputsOf(page, 'disableSupervisors');
    await page.waitForSelector('tbody tr');
    const boxes = page.locator('tbody .choice input');
    await boxes.nth(2).click();
    await boxes.nth(5).click({ modifiers: ['Shift'] });
    await expect.poll(() => page.textContent('.chosen-bar strong')).toBe('4 chosen');
    await page.click('.chosen-bar button:has-text("Actions")');
    await page.click('.menu-line:text-is("Disable")');
    await expect.poll(() => dialogOf(page).textContent()).toContain('4 supervisors will be changed');
    await page.keyboard.press('Escape');
    expect(inputs).toEqual([
      { filter: { id: { in: expect.toSatisfy((ids: unknown[]) => ids.length === 4) } }, dryRun: true },
    ]);
  });

  test.each([
    [
      'CSV',
      (text: string) =>
        text
          .trim()
          .split('\r\n')
          .slice(1)
          .map((line) => line.split(',')[2]),
    ],
    ['JSON', (text: string) => (JSON.parse(text) as { name: string }[]).map(({ name }) => name)],
  ])('K6: an export as %s has all rows of the filter on screen, in its order', async (form, namesOf) => {
    const page = await console.open('/supervisors?q=edge-1&sort=-name');
    await page.waitForSelector('tbody tr');
    await page.click('button:has-text("Export")');
    const downloading = page.waitForEvent('download');
    await page.click(`.menu-line:has-text("${form}")`);
    const download = await downloading;
    const names = namesOf(readFileSync(await download.path(), 'utf8'));
    expect(names).toEqual(Array.from({ length: 10 }, (_, index) => `edge-${19 - index}`));
    expect(names).toEqual(await namesIn(page));
  });

  test('a newcomer is registered with the fields of one form, and leaves the queue', async () => {
    await publish(console, 'newcomer', { registers: false });
    const page = await console.open('/pending');
    await expect.poll(() => namesIn(page)).toEqual(['newcomer']);
    await page.click('tbody button:has-text("Register")');
    await page.fill('dialog input[required]', 'edge-new');
    await page.fill('dialog textarea >> nth=0', 'env=prod\nrack=7');
    expect(await violationsIn(page)).toEqual([]);
    await page.click('dialog button[type=submit]');
    await expect.poll(() => page.textContent('.toast')).toContain('edge-new is registered');
    await expect.poll(() => page.textContent('.feedback-title')).toBe('There is no newcomer yet');
    const { supervisors } = await console.ask<{ supervisors: { nodes: unknown[] } }>(
      `{ supervisors(filter: { name: { eq: "edge-new" } }) { nodes { state labels } } }`,
    );
    expect(supervisors.nodes).toEqual([{ state: 'ENABLED', labels: { env: 'prod', rack: 7 } }]);
  });

  test('events come as they happen, unless they are paused; a link leads to a moment', async () => {
    const page = await console.open('/events?of=supervisors');
    const first = () => page.locator('tbody tr').first().textContent();
    const rename = (name: string) =>
      console.ask(
        `mutation ($input: UpdateSupervisorInput!) { updateSupervisor(input: $input) { supervisor { id } } }`,
        {
          input: { supervisorId, name },
        },
      );
    const supervisorId = await publish(console, 'edge-00');
    await page.waitForSelector('tbody tr');
    await rename('renamed-1');
    await expect.poll(first).toContain('name → renamed-1');
    await page.click('button:has-text("Pause")');
    await rename('renamed-2');
    await page.click('button:has-text("Go on")');
    await rename('edge-00');
    await expect.poll(first).toContain('name → edge-00');
    const moment = page.locator('tbody tr', { hasText: 'name → renamed-1' }).locator('a.plain');
    const other = await console.open(
      `/events${new URL((await moment.getAttribute('href')) ?? '', console.url).search}`,
    );
    await expect.poll(() => other.locator('tbody tr').first().textContent()).toContain('name → renamed-1');
  });

  test('a supervisor is drained, its tab says what is left, and undrained', async () => {
    const supervisorId = await publish(console, 'edge-53');
    const page = await console.open(`/supervisors/${supervisorId}`);
    await page.click('button:has-text("Actions")');
    await page.click('.menu-line:text-is("Drain")');
    await page.click('dialog button[type=submit]');
    await page.click('.tabs a:has-text("Drain")');
    await expect.poll(() => page.textContent('.facts >> nth=1')).toContain('After an undrain');
    await page.waitForSelector('[aria-label=Loading]', { state: 'detached' });
    await expect.poll(() => page.textContent('.title-line')).toMatch(/Drain(ing|ed)/);
    expect(await violationsIn(page)).toEqual([]);
    await page.click('button:has-text("Actions")');
    await page.click('.menu-line:text-is("Undrain")');
    await page.click('dialog button[type=submit]');
    await expect.poll(() => page.textContent('.title-line')).not.toMatch(/Drain/);
  });

  test('a message has the name of a supervisor in place of its id, which it shows on hover', async () => {
    const supervisorId = await publish(console, 'edge-52');
    const { plugins } = await console.ask<{ plugins: { nodes: { id: string }[] } }>(
      'query ($id: String!) { plugins(filter: { supervisorId: { eq: $id } }) { nodes { id } } }',
      { id: supervisorId },
    );
    const page = await console.open(`/plugins/${plugins.nodes[0]?.id}`);
    await page.click('button:has-text("Recover")');
    await console.ask(`mutation { disableSupervisors(input: { filter: { name: { eq: "edge-52" } } }) { after } }`);
    await dialogOf(page).locator('button[type=submit]').click();
    await expect
      .poll(() => dialogOf(page).locator('[role=alert]').textContent())
      .toContain('expected supervisor edge-52 to be ENABLED');
    expect(await dialogOf(page).getByText('edge-52', { exact: true }).last().getAttribute('title')).toBe(supervisorId);
    await console.ask(`mutation { enableSupervisors(input: { filter: { name: { eq: "edge-52" } } }) { after } }`);
  });

  test.each([
    [1440, 'light'],
    [1440, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)(
    'a plugin that runs has one line of the list, however long its names, at %i pixels, %s',
    async (width, colorScheme) => {
      const name = `edge-with-a-name-${'that-is-long-'.repeat(6)}`;
      await console.ask(
        'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }',
        {
          input: {
            domainId: 'acme',
            name,
            hostname: 'long.acme.example',
            plugins: [{ pluginId: `plugin-${'with-a-long-name-'.repeat(6)}`, version: '1.0.0', state: 'ACTIVE' }],
          },
        },
      );
      const page = await console.open('/plugins?q=long', { viewport: { width, height: 844 }, colorScheme });
      await page.locator('tbody tr').first().waitFor();
      const heights = await page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.clientHeight));
      expect(Math.max(...heights)).toBeLessThan(40);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(await page.locator('tbody th a').first().getAttribute('title')).toMatch(/^plugin-with-a-long-name-/);
    },
  );

  test('a plugin that fails says why, and is recovered', async () => {
    await publish(console, 'edge-54', { state: 'ERROR' });
    const page = await console.open('/plugins?state=ERROR');
    await page.click('tbody a');
    await expect.poll(() => page.textContent('.callout')).toContain('disk full');
    await page.click('button:has-text("Recover")');
    await page.click('dialog button[type=submit]');
    await expect.poll(() => page.textContent('.title-line')).toContain('Re-provisioning');
    await page.waitForSelector('[aria-label=Loading]', { state: 'detached' });
    expect(await violationsIn(page)).toEqual([]);
  });
});
