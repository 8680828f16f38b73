/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../testing/browser.ts';
import { reportAssigned } from '../testing/console/assigned.ts';
import { type ConsoleBrowser, openConsoleBrowser } from '../testing/console/consoleBrowser.ts';
import { publish } from '../testing/console/fleet.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === null)(
  'K16: a change is copied as text that runs as it is, and does the same',
  () => {
    let console: ConsoleBrowser;
    const ids = new Map<string, string>();

    beforeAll(async () => {
      console = await openConsoleBrowser(executablePath);
      for (const name of ['site-1', 'site-2']) ids.set(name, await publish(console, name));
    });
    afterAll(() => console?.close());

    const idOf = (name: string) => ids.get(name) ?? '';
    const permissions = ['clipboard-read', 'clipboard-write'];
    const open = (path: string) => console.open(path, { permissions });
    const dialogOf = (page: Page) => page.getByRole('dialog');

    /** Copies the change of the dialog that is open, closes it, and runs what was copied as it is. */
    async function runCopy(page: Page): Promise<void> {
      await page.evaluate(() => navigator.clipboard.writeText(''));
      await dialogOf(page).getByRole('button', { name: 'Copy as GraphQL' }).click();
      const copied = () => page.evaluate(() => navigator.clipboard.readText());
      await expect.poll(copied).not.toBe('');
      const text = await copied();
      await page.keyboard.press('Escape');
      await expect.poll(() => dialogOf(page).count()).toBe(0);
      const response = await fetch(`${console.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        // A document, or the body of a request already.
        body: text.startsWith('{') ? text : JSON.stringify({ query: text }),
      });
      expect(await response.json(), text).not.toHaveProperty('errors');
    }

    /** Presses a button of the page, or a line of its menu. */
    async function choose(page: Page, action: string): Promise<void> {
      const button = page.getByRole('button', { name: action, exact: true });
      const menu = page.getByRole('button', { name: 'Actions', exact: true });
      await button.or(menu).first().waitFor();
      if (!(await button.isVisible())) await menu.click();
      await button.click();
    }

    const headOf = (page: Page) => page.textContent('.title-line');

    test.each([
      ['Disable', /Disabled/],
      ['Enable', /Enabled/],
      ['Cordon', /Cordoned/],
      ['Uncordon', /^(?!.*Cordoned)/],
      ['Drain', /Drain(ing|ed)/],
      ['Undrain', /^(?!.*Drain)/],
      ['Reset secret', /Enabled/],
    ])('%s, of a supervisor', async (action, after) => {
      const page = await open(`/supervisors/${idOf('site-1')}`);
      await choose(page, action);
      await runCopy(page);
      await expect.poll(() => headOf(page)).toMatch(after);
    });

    test.each([
      ['env=prod\nrack=7', { env: 'prod', rack: 7 }],
      ['kubernetes.io/role=edge', { 'kubernetes.io/role': 'edge' }],
    ])('the registration of a newcomer, and its edit, with the labels %j', async (lines, labels) => {
      const name = `newcomer-${Object.keys(labels).length}`;
      const id = await publish(console, name, { registers: false });
      const page = await open(`/supervisors/${id}`);
      const labelsNow = async () =>
        (
          await console.ask<{ supervisor: unknown }>(
            'query ($id: ID!) { supervisor(id: $id) { state priority labels } }',
            {
              id,
            },
          )
        ).supervisor;
      await choose(page, 'Register');
      await dialogOf(page).getByLabel('Labels').fill(lines);
      await runCopy(page);
      expect(await labelsNow()).toEqual({ state: 'ENABLED', priority: 0, labels });
      await expect.poll(() => headOf(page)).toContain('Enabled');
      await choose(page, 'Edit');
      await dialogOf(page).getByLabel('Priority').fill('7');
      await runCopy(page);
      expect(await labelsNow()).toEqual({ state: 'ENABLED', priority: 7, labels });
      await choose(page, 'Deregister');
      await dialogOf(page).getByLabel('Even with plugins installed').check();
      await runCopy(page);
      expect(await labelsNow()).toBeNull();
    });

    test('a change of all that match a filter', async () => {
      const page = await open('/supervisors?state=ENABLED&label=env%3Dprod');
      await page.locator('tbody tr').first().waitFor();
      await page.getByLabel('Choose all rows on this page').check();
      await page.getByRole('button', { name: 'Actions', exact: true }).click();
      await page.getByRole('button', { name: 'Cordon', exact: true }).click();
      await runCopy(page);
      await expect.poll(() => page.locator('tbody .state:has-text("Cordoned")').count()).toBe(2);
      await console.ask('mutation { uncordonSupervisors(input: { all: true }) { after } }');
    });

    test('a release, an install, its recovery, its upgrade, and the commands of the rollout', async () => {
      const releases = await open('/releases');
      await choose(releases, 'Publish a release');
      await dialogOf(releases).getByLabel('Plugin id').fill('exporter');
      await dialogOf(releases).getByLabel('Version', { exact: true }).fill('1.0.0');
      await dialogOf(releases).getByLabel('Domain', { exact: true }).fill('acme');
      await dialogOf(releases).getByLabel('Image').fill('registry.example.com/exporter:1.0.0');
      await runCopy(releases);
      await releases.getByRole('link', { name: 'exporter' }).waitFor();

      const supervisor = await open(`/supervisors/${idOf('site-1')}`);
      await choose(supervisor, 'Install plugin');
      await dialogOf(supervisor).getByLabel('Plugin id').fill('exporter');
      await dialogOf(supervisor).getByLabel('Version').fill('1.0.0');
      await runCopy(supervisor);
      await supervisor.getByRole('button', { name: '1 new Show' }).click();
      await supervisor.getByRole('link', { name: 'exporter' }).click();
      await expect.poll(() => headOf(supervisor)).toContain('Provisioning');
      await reportAssigned(console, 'site-1', idOf('site-1'));
      await expect.poll(() => headOf(supervisor)).toContain('Active');
      await choose(supervisor, 'Recover');
      await runCopy(supervisor);
      await expect.poll(() => headOf(supervisor)).toContain('Re-provisioning');
      await reportAssigned(console, 'site-1', idOf('site-1'));
      await expect.poll(() => headOf(supervisor)).toContain('Active');
      await choose(supervisor, 'Upgrade');
      await dialogOf(supervisor).getByLabel('To version').fill('1.1.0');
      await runCopy(supervisor);

      const rollouts = await open('/rollouts?plugin=exporter');
      await rollouts.getByRole('link', { name: 'exporter' }).click();
      for (const [command, state] of [
        ['Pause', 'Paused'],
        ['Resume', 'Running'],
        ['Cancel', 'Canceled'],
      ] as const) {
        await choose(rollouts, command);
        await runCopy(rollouts);
        await expect.poll(() => headOf(rollouts)).toContain(state);
      }
    });

    test('a deployment: created, edited, paused, resumed and deleted', async () => {
      const list = await open('/deployments');
      await choose(list, 'Create a deployment');
      await dialogOf(list).getByLabel('Name', { exact: true }).fill('probes');
      await dialogOf(list).getByLabel('Plugin id').fill('probe');
      await dialogOf(list).getByLabel('Version', { exact: true }).fill('1.0.0');
      await dialogOf(list).getByLabel('Domain', { exact: true }).fill('acme');
      await dialogOf(list).getByLabel('Labels of the supervisors').fill('env=prod');
      await runCopy(list);
      await list.getByRole('link', { name: 'probes' }).click();
      await expect.poll(() => list.locator('.status-numbers dd').first().textContent()).toBe('2');
      await choose(list, 'Edit');
      await dialogOf(list).getByLabel('Version', { exact: true }).fill('1.1.0');
      await runCopy(list);
      await expect.poll(() => list.textContent('.about')).toContain('1.1.0');
      for (const action of ['Pause', 'Resume', 'Delete']) {
        await choose(list, action);
        await runCopy(list);
      }
      await list.getByText('This deployment is not there').waitFor();
    });

    test('a hostname: blocked, and unblocked', async () => {
      await publish(console, 'stranger', { registers: false });
      const page = await open('/pending');
      await page.getByRole('button', { name: 'Block stranger.acme.example' }).click();
      await runCopy(page);
      await page.getByRole('link', { name: 'Blocked hostnames' }).click();
      await page.getByRole('button', { name: 'Unblock' }).click();
      await runCopy(page);
      const { blockedHostnames } = await console.ask<{ blockedHostnames: unknown }>(
        '{ blockedHostnames { totalCount } }',
      );
      expect(blockedHostnames).toEqual({ totalCount: 0 });
    });

    // The last: from here on the server asks for a credential.
    test('a key', async () => {
      const page = await open('/keys');
      await page.getByRole('button', { name: 'Make a key' }).click();
      await page.getByRole('button', { name: 'API key' }).click();
      await dialogOf(page).getByLabel('Name').fill('root');
      await runCopy(page);
      await expect.poll(() => page.textContent('h1')).toBe('Sign in to Muster');
    });
  },
);
