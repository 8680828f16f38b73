/// <reference lib="dom" />
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findChromium } from '../testing/browser.ts';
import { browseConsole, longLeases } from '../testing/console/consoleBrowser.ts';
import { spawnGuarded, spawnServer } from '../testing/index.ts';

const executablePath = findChromium();
const demoProgram = fileURLToPath(new URL('../../agent/src/demo/main.ts', import.meta.url));

/** Runs the demo. @returns holds it up, and lets it go on */
function startDemo(url: string) {
  // The same story each time, with rounds long enough to hold it up in the one where a plugin fails first.
  const child = spawnGuarded(process.execPath, [demoProgram, '--url', url, '--seed', '7', '--tick-ms', '4000'], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const failed = Promise.withResolvers<void>();
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (/ failed: .+ -> ERROR/.test(output)) failed.resolve();
  });
  return { failed: failed.promise, hold: () => child.kill('SIGSTOP'), release: () => child.kill('SIGCONT') };
}

describe.skipIf(executablePath === null)('in a real browser', () => {
  test('a newcomer, by what is on the pages alone, sees a plugin fail, finds out why, recovers it, and sees it come up', async () => {
    const server = await spawnServer({ MUSTER_DATA_DIR: 'memory://', ...longLeases });
    onTestFinished(async () => {
      server.kill('SIGKILL');
      await server.ended;
    });
    const console = await browseConsole(executablePath, server.url);
    onTestFinished(() => console.close());

    const page = await console.visit('/');
    await page.getByText('npx -y pnpm@12 demo').waitFor();
    const demo = startDemo(server.url);
    await page.getByRole('link', { name: '/console/' }).click();
    await page.getByRole('heading', { name: 'Latest failures' }).waitFor();

    await demo.failed;
    // The demo's own operator would recover the plugin before anybody has read why it failed.
    demo.hold();
    const failures = page.getByRole('table', { name: 'Latest failures' });
    await expect.poll(() => failures.getByRole('row').nth(1).textContent()).toContain('Error');
    await failures.getByRole('row').nth(1).getByRole('link').click();

    await expect.poll(() => headOf(page)).toMatch(/^Plugins.*Error/);
    await page.getByRole('main').getByText(reasons).first().waitFor();
    await page.getByText('No endpoint').waitFor();

    await page.getByRole('button', { name: 'Recover' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Recover' }).click();
    await page.getByText('is being recovered').waitFor();
    await expect.poll(() => headOf(page)).toContain('Re-provisioning');
    demo.release();
    await expect.poll(() => headOf(page)).toContain('Active');
    await page.getByRole('button', { name: 'Copy the endpoint' }).first().waitFor();
    expect(console.complaints).toEqual([]);
  });
});

/** Why plugins of the demo fail. */
const reasons = /ErrImagePull|CrashLoopBackOff|OOMKilled|Liveness probe failed|FailedScheduling/;

/** The head of the view: where it belongs, its name and its state. */
const headOf = (page: Page) => page.getByRole('main').locator('header').first().textContent();
