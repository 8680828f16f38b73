/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../testing/browser.ts';
import { reportAssigned } from '../testing/console/assigned.ts';
import { type ConsoleBrowser, namesIn, openConsoleBrowser, violationsIn } from '../testing/console/consoleBrowser.ts';
import { publish } from '../testing/console/fleet.ts';

const executablePath = findChromium();
/** Those that end with 0 have the label env=dev, the others env=prod. */
const names = ['site-0', 'site-1', 'site-2', 'site-3'] as const;

describe.skipIf(executablePath === null)('in a real browser', () => {
  let console: ConsoleBrowser;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    console = await openConsoleBrowser(executablePath);
    for (const name of names) ids.set(name, await publish(console, name));
  });
  afterAll(() => console?.close());

  const idOf = (name: string) => ids.get(name) ?? '';
  const report = async () => {
    for (const name of names) await reportAssigned(console, name, idOf(name));
  };
  const dialogOf = (page: Page) => page.locator('dialog[open]');
  const stateOf = (page: Page) => page.textContent('.title-line .state');

  test('C1, K13: a release is published as it was typed, and retired once its version is typed', async () => {
    const page = await console.open('/releases');
    await page.click('text=Publish a release');
    const dialog = dialogOf(page);
    await dialog.getByLabel('Plugin id').fill('collector');
    await dialog.getByLabel('Version', { exact: true }).fill('1.0.0');
    await dialog.getByLabel('Domain', { exact: true }).fill('acme');
    await dialog.getByLabel('Image').fill('registry.example.com/collector:1.0.0');
    await dialog.getByLabel('Arguments').fill('--interval\n30 s');
    await dialog.locator('text=Add variable').click();
    await dialog.getByLabel('Name of variable 1').fill('TOKEN');
    await dialog.getByLabel('Kind of variable 1').selectOption('secret');
    await dialog.getByLabel('Secret of variable 1').fill('collector-token');
    expect(await violationsIn(page)).toEqual([]);
    await dialog.locator('button[type=submit]').click();
    await expect.poll(() => page.textContent('h1')).toBe('collector');
    const id = new URL(page.url()).pathname.split('/').at(-1);
    const { release } = await console.ask<{ release: unknown }>(
      'query ($id: ID!) { release(id: $id) { domainId version spec { image arguments environment { name secret } ports { port } } } }',
      { id },
    );
    expect(release).toEqual({
      domainId: 'acme',
      version: '1.0.0',
      spec: {
        image: 'registry.example.com/collector:1.0.0',
        arguments: ['--interval', '30 s'],
        environment: [{ name: 'TOKEN', secret: 'collector-token' }],
        ports: [{ port: 50_051 }],
      },
    });
    await page.click('.page-actions >> text=Retire');
    const retire = dialogOf(page).locator('button[type=submit]');
    expect(await retire.isDisabled()).toBe(true);
    await dialogOf(page).getByLabel('Type 1.0.0 to confirm').fill('1.0.0');
    await retire.click();
    await expect.poll(() => stateOf(page)).toBe('Retired');
    expect(await page.locator('.page-actions >> text=Place it').count()).toBe(0);
  });

  test('M3, K6: each supervisor has the rule that rejects it, and the one that is chosen gets the plugin', async () => {
    await console.ask(
      'mutation ($input: DisableSupervisorInput!) { disableSupervisor(input: $input) { supervisor { id } } }',
      {
        input: { supervisorId: idOf('site-3') },
      },
    );
    const page = await console.open('/place');
    await page.getByLabel('Plugin id').fill('exporter');
    await page.getByLabel('Version').fill('2.0.0');
    await page.getByLabel('Domain', { exact: true }).fill('acme');
    await page.getByLabel('Labels of the supervisor').fill('env=prod');
    await page.click('text=Explain');
    const verdictOf = (name: string) => page.locator('tbody tr', { hasText: name }).locator('td').nth(1).textContent();
    await expect.poll(() => namesIn(page)).toHaveLength(4);
    expect(await verdictOf('site-0')).toBe('Labels lackenvprod');
    expect(await verdictOf('site-2')).toBe('Can take it');
    expect(await verdictOf('site-3')).toContain('Not enabled');
    expect(await page.locator('[aria-label^="Install here"]').count()).toBe(2);
    const other = await console.open(`/place${new URL(page.url()).search}`);
    await expect.poll(() => namesIn(other)).toEqual(await namesIn(page));
    await page.click('[aria-label="Install here, on site-2"]');
    await dialogOf(page).locator('button[type=submit]').click();
    await expect.poll(() => page.textContent('h1')).toBe('exporter');
    expect(await page.textContent('.about')).toContain('2.0.0 on site-2');
  });

  test('C2, K5: a deployment shows first what it would do, is created as it was shown, and shows how far it is', async () => {
    const sent: { readonly input: { readonly dryRun?: boolean } }[] = [];
    const page = await console.open('/deployments');
    page.on('request', (request) => {
      const { query, variables } = (request.postDataJSON() ?? {}) as { query?: string; variables?: never };
      if (query?.includes('createDeployment') && variables) sent.push(variables);
    });
    await page.click('text=Create a deployment');
    const dialog = dialogOf(page);
    const create = dialog.locator('button[type=submit]');
    await dialog.getByLabel('Name', { exact: true }).fill('probes');
    await dialog.getByLabel('Plugin id').fill('probe');
    await dialog.getByLabel('Version', { exact: true }).fill('1.0.0');
    await dialog.getByLabel('Domain', { exact: true }).fill('acme');
    await dialog.getByLabel('Labels of the supervisors').fill('env=prod');
    expect(await create.isDisabled()).toBe(true);
    await expect.poll(() => dialog.locator('.preview-counts').textContent()).toBe('Install2');
    expect((await dialog.locator('.preview-changes li').allTextContents()).sort()).toEqual([
      'Installsite-1',
      'Installsite-2',
    ]);
    expect(await violationsIn(page)).toEqual([]);
    await create.click();
    await expect.poll(() => page.textContent('h1')).toBe('probes');
    const [dryRun, act] = [sent.at(-2)?.input, sent.at(-1)?.input];
    expect(dryRun).toEqual({ ...act, dryRun: true });
    expect(act).not.toHaveProperty('dryRun');
    await expect.poll(() => namesIn(page)).toHaveLength(2);
    await report();
    await expect.poll(() => stateOf(page)).toBe('Whole');
    expect(await page.locator('.status-numbers dd').allTextContents()).toEqual(['2', '2', '0', '0']);
  });

  test('C2: why a deployment is not whole is said, in the list and on its page', async () => {
    const { createDeployment } = await console.ask<{ createDeployment: { deployment: { id: string } } }>(
      'mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }',
      {
        input: { domainId: 'acme', name: 'gpus', pluginId: 'gpu', version: '1', mode: 'ALL', labels: { gpu: 'yes' } },
      },
    );
    const list = await console.open('/deployments');
    const row = list.locator('tbody tr', { hasText: 'gpus' });
    await expect.poll(() => row.textContent()).toContain('Not wholeNo candidate');
    const page = await console.open(`/deployments/${createDeployment.deployment.id}?tab=supervisors`);
    await expect.poll(() => page.textContent('.callout')).toContain('No candidate.');
    await expect.poll(() => page.locator('tbody tr', { hasText: 'site-1' }).textContent()).toContain('Labels lack');
    await page.click('.page-actions >> text=Delete');
    const remove = dialogOf(page).locator('button[type=submit]');
    await dialogOf(page).getByLabel('Type gpus to confirm').fill('gpus');
    await expect.poll(() => remove.isDisabled()).toBe(false);
    await remove.click();
    await expect.poll(() => page.textContent('h1')).toBe('Deployments');
  });

  test('R5, R7, K13: a rollout shows its steps as they go, takes commands, and ends none without its name', async () => {
    const { deployments } = await console.ask<{ deployments: { nodes: { id: string }[] } }>(
      '{ deployments(filter: { name: { eq: "probes" } }) { nodes { id } } }',
    );
    const { updateDeployment } = await console.ask<{ updateDeployment: { deployment: { rollout: { id: string } } } }>(
      'mutation ($input: UpdateDeploymentInput!) { updateDeployment(input: $input) { deployment { rollout { id } } } }',
      {
        input: {
          deploymentId: deployments.nodes[0]?.id,
          version: '1.1.0',
          rolloutSettings: { canary: { count: 1 }, minHealthySeconds: 0 },
        },
      },
    );
    const page = await console.open(`/rollouts/${updateDeployment.deployment.rollout.id}`);
    await expect.poll(() => page.textContent('.about')).toBe('1.0.0 → 1.1.0');
    await expect.poll(() => page.locator('.steps-legend li').allTextContents()).toEqual(['Installing1', 'Waiting1']);
    expect(await page.locator('.step-grid li').allTextContents()).toEqual([
      expect.stringMatching(/^site-\d: Installing$/),
      expect.stringMatching(/^site-\d: Waiting$/),
    ]);
    await report();
    await expect.poll(() => stateOf(page)).toBe('Awaiting promotion');
    expect(await page.locator('.page-actions button').allTextContents()).toEqual([
      'Promote',
      'Pause',
      'Roll back',
      'Cancel',
      'Retry',
    ]);
    await page.click('.page-actions >> text=Cancel');
    expect(await dialogOf(page).locator('button[type=submit]').isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await page.click('.page-actions >> text=Promote');
    await dialogOf(page).locator('button[type=submit]').click();
    await expect.poll(() => page.locator('.steps-legend li').allTextContents()).toEqual(['Done1', 'Installing1']);
    await report();
    await expect.poll(() => stateOf(page)).toBe('Completed');
    await expect.poll(() => page.locator('.steps-legend li').allTextContents()).toEqual(['Done2']);
    const list = await console.open('/rollouts?plugin=probe');
    await expect.poll(() => list.locator('tbody tr').allTextContents()).toEqual([expect.stringContaining('Completed')]);
  });

  test.each(
    [
      ['/releases', 'tbody tr'],
      ['/place?plugin=exporter&version=2.0.0&domain=acme', 'tbody tr'],
      ['/deployments', 'tbody tr'],
      ['/deployments/{deployment}', 'tbody tr'],
      ['/deployments/{deployment}?tab=settings', '.facts'],
      ['/rollouts', 'tbody tr'],
      ['/rollouts/{rollout}', 'tbody tr'],
      ['/releases/{release}', '.facts'],
    ].flatMap(([path, sign]) =>
      ['light', 'dark'].map((scheme) => [path, scheme, sign] as [string, 'light' | 'dark', string]),
    ),
  )('K11: axe finds no violation in %s, %s', async (path, colorScheme, sign) => {
    const { deployments, rollouts, releases } = await console.ask<
      Readonly<Record<string, { readonly nodes: readonly { readonly id: string }[] }>>
    >(
      '{ deployments(first: 1) { nodes { id } } rollouts(first: 1) { nodes { id } } releases(first: 1) { nodes { id } } }',
    );
    const page = await console.open(
      path
        .replace('{deployment}', deployments?.nodes[0]?.id ?? '')
        .replace('{rollout}', rollouts?.nodes[0]?.id ?? '')
        .replace('{release}', releases?.nodes[0]?.id ?? ''),
      { colorScheme },
    );
    await page.waitForSelector(sign);
    await page.waitForSelector('[aria-label=Loading]', { state: 'detached' });
    expect(await violationsIn(page)).toEqual([]);
  });

  test('all of that asked no other server', () => {
    expect(console.complaints.filter((each) => /^https?:/.test(each))).toEqual([]);
  });
});
